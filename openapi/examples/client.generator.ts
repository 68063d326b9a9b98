// A client made by openapi-generator (typescript-fetch): brings a sale in and reads it back.
// openapi-generator-cli generate -i openapi/integrators.v1.json -g typescript-fetch -o generated \
//   --additional-properties=importFileExtension=.js
import { Configuration, TicketsApi } from "./generated/index.js";

declare const process: { env: Record<string, string | undefined> };

const tickets = new TicketsApi(
  new Configuration({ basePath: process.env.API_BASE, accessToken: process.env.API_KEY }),
);

const branch = (await tickets.listBranches()).data[0];
if (!branch) throw new Error("no branch");

const externalId = `venta-${Date.now()}`;
await tickets.putTicket({
  externalId,
  putTicket: {
    branch: branch.id,
    orderNumber: externalId,
    ticketNumber: "1",
    soldAt: new Date(Date.now() - 60_000).toISOString(),
    total: "118.00",
    currency: "MXN",
    formaPago: "04",
    lines: [
      {
        claveProdServ: "14111514",
        cantidad: "2",
        claveUnidad: "H87",
        descripcion: "Cuaderno raya",
        importe: "118.00",
        impuesto: "iva_16",
      },
    ],
  },
});

const read = await tickets.getTicket({ externalId });
if (read.state !== "open") throw new Error(`not open: ${JSON.stringify(read)}`);
console.log(`${read.externalId} can be invoiced until ${read.invoiceUntil}`);
