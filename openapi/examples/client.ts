// A client made by openapi-typescript (types) and openapi-fetch (calls): brings a sale in and reads it back.
// npx openapi-typescript openapi/integrators.v1.json -o schema.d.ts
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined>; exitCode?: number };

const client = createClient<paths>({
  baseUrl: process.env.API_BASE,
  headers: { Authorization: `Bearer ${process.env.API_KEY}` },
});

const branches = await client.GET("/api/integrators/v1/branches");
const branch = branches.data?.data[0];
if (!branch) throw new Error(`no branch: ${JSON.stringify(branches.error)}`);

const path = { external_id: `venta-${Date.now()}` };
const sale = await client.PUT("/api/integrators/v1/tickets/{external_id}", {
  params: { path },
  body: {
    branch: branch.id,
    order_number: path.external_id,
    ticket_number: "1",
    sold_at: new Date(Date.now() - 60_000).toISOString(),
    total: "118.00",
    currency: "MXN",
    forma_pago: "04",
    lines: [
      {
        clave_prod_serv: "14111514",
        cantidad: "2",
        clave_unidad: "H87",
        descripcion: "Cuaderno raya",
        importe: "118.00",
        impuesto: "iva_16",
      },
    ],
  },
});
if (sale.error) throw new Error(`${sale.error.code}: ${JSON.stringify(sale.error.errors)}`);

const read = await client.GET("/api/integrators/v1/tickets/{external_id}", { params: { path } });
if (read.data?.state !== "open") throw new Error(`not open: ${JSON.stringify(read)}`);
console.log(`${read.data.external_id} can be invoiced until ${read.data.invoice_until}`);
