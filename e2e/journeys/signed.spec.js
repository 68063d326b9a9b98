// N1: a shopper scans the QR that a till without a line printed. The sale has not been sent yet; the order waits for it.
import { Guest, letterTo } from '../support/guest.js';
import { SIZES, examine, expect, test } from '../support/journey.js';
import { BRANCH, sign } from '../support/till.js';

test.use({ viewport: SIZES.phone });

test('a scanned ticket waits for its sale and is invoiced when it arrives', async ({ page, request, watch, email }) => {
  const { sale, qr } = sign('Caja 1');

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
  const sent = await request.put(`/api/integrators/v1/tickets/${sale.order}`, {
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
