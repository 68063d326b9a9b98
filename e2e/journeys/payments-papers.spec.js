// What a payment leaves behind, and how it can go: its recibo and its proof, the ways that lead to paying, and a bank that
// charges twice, that nobody comes back from, or that is late.
import { examineSizes } from '../support/people.js';
import { COMPANY, Payer, atBank, atBankDecides } from '../support/payer.js';
import { Clerk, staffOf } from '../support/staff.js';
import { download, expect, test } from '../support/journey.js';

test.setTimeout(300_000);

// The one of which a few pesos less are missed least.
const largest = async (payer) => (await payer.invoices()).at(-1);

test('a payment at Citibanamex leaves a recibo, on its page and in the history', async ({ page, request }) => {
  const payer = await Payer.on(page, request);
  await payer.picks((await largest(payer)).number, '2.00');
  const payment = await payer.orders('Citibanamex');
  await atBank(page, 'Aprobar');
  await payer.isPaid('Citibanamex');
  await expect(payer.main).toContainText(/BC-Banamex \d+/);

  const printed = async () => (await payer.payment(payment.id)).receipt_document_id;
  await expect.poll(printed, { message: 'the recibo of a payment', timeout: 60_000 }).toBeTruthy();
  await page.goto(`/pagos/${payment.id}`);
  const own = await download(page, payer.button('Comprobante PDF'));
  expect(own.name).toMatch(/\.pdf$/);
  expect(own.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  await page.goto('/historial');
  await expect(payer.rowOf(payment)).toContainText('Aplicado');
  const listed = await download(page, payer.button(`Comprobante PDF del pago ${payment.reference}`));
  expect(listed.name).toBe(own.name);
});

test('a transfer under way is told in Saldos, gets its proof, and is given up', async ({ page, request }) => {
  const payer = await Payer.on(page, request);
  const { number } = await largest(payer);
  await payer.picks(number, '3.00');
  const payment = await payer.orders('SPEI');
  const proof = Buffer.from('%PDF-1.4\nTransferencia de prueba\n');
  await payer.field('Adjuntar el comprobante de su banco').setInputFiles({
    name: 'transferencia.pdf',
    mimeType: 'application/pdf',
    buffer: proof,
  });
  const attached = payer.button('transferencia.pdf');
  await expect(attached).toBeVisible();
  await examineSizes(page, 'a proof of a transfer');
  const saved = await download(page, attached);
  expect(saved.bytes.equals(proof), 'the proof as it was attached').toBe(true);

  // Whoever pays the rest is told of it before.
  await page.goto('/saldos');
  await expect(page.getByRole('row').filter({ has: payer.tick(number) })).toContainText('Por transferir');
  // The whole table is seen on a small desktop, with the words of what is under way.
  const table = page.locator('.tbl-scroll');
  const cut = () => table.evaluate((box) => box.scrollWidth - box.clientWidth);
  await expect.poll(cut, 'pixels of the table that are cut').toBeLessThanOrEqual(0);
  const owed = await download(page, payer.button('Exportar a Excel'));
  expect(owed.name).toMatch(/^saldos_\d{4}-\d{2}-\d{2}\.xlsx$/);
  await payer.tick(number).check();
  await payer.button('Pagar con BBVA').click();
  await expect(payer.dialog()).toContainText(`${number} ya tiene un pago en camino: `);
  await expect(payer.dialog()).toContainText(/SPEI desde \d\d\/\d\d\/\d{4}, \$3\.00 MXN, Por transferir/);
  await examineSizes(page, 'the question about an invoice that is partly under way');
  await payer.dialog().getByRole('button', { name: 'Cancelar', exact: true }).click();
  await payer.button('Quitar la selección').click();

  await page.goto(`/pagos/${payment.id}`);
  await payer.button('Cancelar el pago').click();
  await expect(payer.heading('El pago se canceló')).toBeVisible();
  await expect(payer.main).toContainText('No se hizo ningún cargo con este pago.');
  await expect(payer.button('Intentar de nuevo con SPEI')).toBeVisible();
});

test('Inicio and an invoice lead to what is to be paid', async ({ page, request }) => {
  const payer = await Payer.on(page, request);
  await payer.main.getByRole('link', { name: 'Pagar saldos', exact: true }).click();
  await expect(payer.heading('Saldos')).toBeVisible();

  const row = (await payer.balances()).find((one) => one.document_id && Number(one.available) > 0);
  expect(row, 'an open invoice that is in the portal').toBeDefined();
  await page.goto(`/documentos/${row.document_id}`);
  const card = page.getByRole('region', { name: 'Saldo de esta factura', exact: true });
  await card.getByRole('link', { name: 'Pagar', exact: true }).click();
  await expect(payer.heading('Saldos')).toBeVisible();
  await expect(payer.tick(row.number)).toBeChecked();
  await payer.button('Quitar la selección').click();
  await expect(payer.tick(row.number)).not.toBeChecked();
});

test('a bank that charges twice is looked at by the staff', async ({ browser, page, request }) => {
  const payer = await Payer.beside(browser, request);
  await payer.picks((await largest(payer)).number, '4.00');
  const payment = await payer.orders('BBVA');
  await atBank(payer.page, 'Cobrar dos veces');
  await payer.isPaid('BBVA');

  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  await page.goto(`/consola/e/${COMPANY}/pagos/por-revisar`);
  const review = page.getByRole('region', { name: `Pago ${payment.reference}`, exact: true });
  await expect(review.filter({ hasText: 'Pagado dos veces' })).toBeVisible();
  await expect(review.filter({ hasText: 'Pagado dos veces' })).toContainText('4.00');
  await payer.page.context().close();
});

test('nobody comes back from the bank, and the payment that is given up then turns out to be paid', async ({ page, request, watch }) => {
  const payer = await Payer.on(page, request);
  await payer.picks((await largest(payer)).number, '5.00');
  const payment = await payer.orders('Citibanamex');
  await atBankDecides(page, 'Responder sin avisar');
  await expect(payer.button('Volver al comercio')).toBeVisible();

  await page.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Aún no sabemos si Citibanamex autorizó')).toBeVisible();
  await expect(payer.main).toContainText('No pague de nuevo');
  watch.expectAnswer('/cancellations');
  await payer.button('Cancelar el pago').click();
  await payer.isPaid('Citibanamex');
});

test('a payment that was given up at the bank is not called free of charge, and a late charge is received', async ({ page, request }) => {
  const payer = await Payer.on(page, request);
  const { number } = await largest(payer);
  await payer.picks(number, '6.00');
  const payment = await payer.orders('BBVA');
  await atBankDecides(page, 'Aprobar tarde');
  await expect(page.getByRole('heading', { name: 'Sesión cerrada', exact: true })).toBeVisible();

  await page.goto(`/pagos/${payment.id}`);
  await payer.button('Cancelar el pago').click();
  await expect(payer.heading('El pago se canceló')).toBeVisible();
  await expect(payer.main).toContainText('Si alcanzó a autorizarlo en el banco, no pague de nuevo: lo sabremos por el banco.');
  await expect(payer.main).not.toContainText('No se hizo ningún cargo');
  await expect(payer.button('Intentar de nuevo con BBVA')).toHaveCount(0);
  await examineSizes(page, 'a payment that was given up at the bank');

  const state = async () => (await payer.payment(payment.id)).state;
  await expect.poll(state, { message: 'a bank that is a minute late', timeout: 120_000, intervals: [2_000] }).toBe('confirmed');
  await page.goto(`/pagos/${payment.id}`);
  await payer.isPaid('BBVA');
  await expect(payer.main).toContainText(number);
  await expect(payer.main).not.toContainText('no pague de nuevo');
});
