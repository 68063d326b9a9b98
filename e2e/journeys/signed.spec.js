// N1: a shopper scans the QR that a till without a line printed. The sale has not been sent yet; the order waits for it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Guest, letterTo } from '../support/guest.js';
import { SIZES, examine, expect, test } from '../support/journey.js';

const HERE = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const SIGN = path.resolve(HERE, '../../openapi/examples/tickets/sign.mjs');
const BRANCH = 'Centro Histórico';

function run(program, args, input) {
  const env = { ...process.env, VENTANILLA_DATA_DIR: process.env.E2E_DATA };
  const { status, stdout, stderr } = spawnSync(program, args, { input, env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

test.use({ viewport: SIZES.phone });

test('a scanned ticket waits for its sale and is invoiced when it arrives', async ({ page, request, watch, email }) => {
  const wanted = ['till-key', 'create', '--issuer', 'default', '--branch', BRANCH, '--name', 'Caja 1'];
  const till = JSON.parse(run(process.env.E2E_SERVER, wanted));
  // Minutes ago, on the wall of the branch.
  const soldAt = new Date(Date.now() - 6 * 3_600_000 - 600_000).toISOString().slice(0, 16);
  const sale = {
    address: `${process.env.E2E_ADDRESS.toUpperCase()}/Q/`, key_id: till.id, secret: till.secret,
    order: `QR-${Date.now()}`, ticket: '501', total: '118.00', sold_at: soldAt, forma_pago: '04',
  };
  const qr = run('node', [SIGN], JSON.stringify(sale)).trim();

  const guest = new Guest(page);
  await page.goto(qr);
  await expect(guest.heading('¿Cuál es su RFC?')).toBeVisible();
  await guest.giveRfc();
  await expect(guest.text('Número de orden')).toHaveValue(sale.order);
  await expect(guest.text('Número de ticket')).toHaveValue(sale.ticket);
  await expect(guest.text('Total del ticket')).toHaveValue(sale.total);
  await guest.goOn.click();
  await guest.fillReceptor(email);
  await guest.review();
  await page.getByRole('button', { name: 'Generar factura' }).click();
  await expect(guest.heading('Su compra aún no llega del punto de venta')).toBeVisible();
  await expect(page.getByRole('main')).toContainText(email);
  await examine(page, 'an order that waits for its sale');

  const { api_key: key } = await (await request.get('/api/v1/rehearsal')).json();
  const sent = await request.put('/api/integrators/v1/tickets/qr-501', {
    headers: { Authorization: `Bearer ${key}` },
    data: {
      branch: BRANCH, order_number: sale.order, ticket_number: sale.ticket, sold_at: sale.sold_at, total: sale.total,
      forma_pago: sale.forma_pago,
      lines: [{
        clave_prod_serv: '14111514', cantidad: '2', clave_unidad: 'H87', descripcion: 'Cuaderno raya',
        importe: '118.00', impuesto: 'iva_16',
      }],
    },
  });
  expect(sent.status(), await sent.text()).toBe(201);
  await guest.ready();
  await letterTo(request, email);

  // The same paper again leads to the same invoice, and one with another total to nothing.
  const invoice = page.url();
  await page.goto(qr);
  await guest.ready();
  expect(page.url()).toBe(invoice);
  watch.expectAnswer('/Q/');
  await page.goto(qr.replace('118.00', '18.00'));
  await expect(guest.heading('No encontramos un ticket con estos datos.')).toBeVisible();
  await examine(page, 'a ticket that proves nothing');
});
