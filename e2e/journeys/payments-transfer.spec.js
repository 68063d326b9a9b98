// Money that is sent and not charged: a transfer finds its payment by the concept and is taken back again, and one that
// named nobody becomes a credit; as the customer and as the company's staff each see it.
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { ownServer } from '../support/server.js';
import { Clerk, staffOf } from '../support/staff.js';
import { expect, test } from '../support/journey.js';
import { Truth } from '../support/truth.js';

test.setTimeout(180_000);

const DESK = '/consola/e/colibri-azul/pagos';

// A person of the demo who pays, in a window of her own.
async function payerOf(browser, request) {
  const { sign_ins: signIns } = await rehearsal(request);
  const { user, password } = signIns.find((one) => one.user.startsWith('lucia'));
  const context = await browser.newContext({ baseURL: ownServer().address });
  const payer = new Person(await context.newPage());
  await payer.signIn({ user, password });
  await expect(payer.page).toHaveURL(/\/inicio$/);
  return { payer, truth: await Truth.of(request, { user, password }) };
}

// An invoice in pesos of the desk's company, a small one.
async function invoiceOf(truth) {
  const { data } = await truth.get('/balances?issuer=colibri-azul&limit=100');
  const open = data.filter(({ currency, available, total }) => currency === 'MXN' && Number(available) > 50 && available === total);
  expect(open.length, 'an invoice in pesos that nobody pays').toBeGreaterThan(0);
  return open.sort((one, other) => Number(one.available) - Number(other.available))[0];
}

// The account's movements, as the company's bank gives them.
async function bring(clerk, name, concept, amount) {
  const { page } = clerk;
  await page.goto(`${DESK}/archivos`);
  await expect(clerk.heading('Archivos del banco')).toBeVisible();
  await clerk.button('Cargar archivo').first().click();
  await page.getByLabel('Banco', { exact: true }).selectOption('spei');
  await page.getByLabel('Formato', { exact: true }).selectOption('csv');
  const table = `fecha,concepto,abono,clave de rastreo\n2026-11-18,${concept},${amount},${name}\n`;
  await page.getByLabel('Archivo', { exact: true }).setInputFiles({
    name: `${name}.csv`,
    mimeType: 'text/csv',
    buffer: Buffer.from(table),
  });
  await page.locator('form').getByRole('button', { name: 'Cargar archivo' }).click();
  await expect(clerk.main).toContainText('El archivo se cargó: 1 líneas.');
}

test('a transfer pays the invoices that its concept names, and what goes back is owed again', async ({ browser, page, request }) => {
  const { payer, truth } = await payerOf(browser, request);
  const tab = payer.page;
  const row = await invoiceOf(truth);
  await tab.goto('/saldos');
  const tick = tab.getByRole('checkbox', { name: `Pagar ${row.number}`, exact: true });
  await tick.check();
  await payer.button('Pagar con SPEI').click();
  const dialog = tab.getByRole('dialog', { name: '¿Desea continuar con el pago?' });
  await expect(dialog).toContainText('la transferencia la hace usted en su banco');
  await expect(dialog).not.toContainText('Sus claves');
  await examineSizes(tab, 'the question before a transfer');
  await dialog.getByRole('button', { name: /^Ver los datos para transferir \$/ }).click();

  await expect(payer.heading('Haga la transferencia desde su banco')).toBeVisible();
  await expect(tab).toHaveURL(/\/pagos\/[0-9a-f-]{36}$/);
  const [payment] = (await truth.get('/payments?limit=1')).data;
  const wanted = Object.fromEntries(payment.redirect.fields.map(({ name, value }) => [name, value]));
  for (const value of [wanted.clabe, wanted.reference, wanted.amount]) await expect(payer.main).toContainText(value);
  await expect(payer.main).toContainText('Si ya transfirió, no lo haga de nuevo');
  await expect(payer.main).not.toContainText('Preguntando al banco');
  await examineSizes(tab, 'a transfer to be made');
  await tab.goto('/historial');
  await expect(tab.getByRole('row').nth(1)).toContainText('Por transferir');

  // Two days later it is in the bank's account.
  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  await bring(clerk, `E2E${Date.now()}`, `PAGO ${wanted.reference}`, wanted.amount);
  await expect(clerk.main).toContainText('Confirmada 1');
  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Pago recibido y aplicado')).toBeVisible({ timeout: 30_000 });
  await expect(payer.main).toContainText('03 Transferencia electrónica de fondos');
  await tab.goto('/saldos');
  await expect(payer.heading('Saldos')).toBeVisible();
  await expect(tick).toHaveCount(0);

  // The company sends it back.
  await page.goto(`${DESK}/${payment.id}`);
  await clerk.button('Revertir').click();
  await page.getByLabel('Motivo', { exact: true }).fill('Se pagó por error');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('El pago se revirtió.');
  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('El dinero de este pago se devolvió')).toBeVisible();
  await expect(payer.main).toContainText('Devuelto');
  await examineSizes(tab, 'a payment that went back');
  await tab.goto('/historial');
  await expect(tab.getByRole('row').filter({ hasText: payment.reference }).first()).toContainText('Revertido');
  await tab.goto('/saldos');
  await expect(tick).toBeVisible();
  await tab.context().close();
});

test('a transfer of nobody becomes a credit, and pays the invoice that staff tick', async ({ browser, page, request }) => {
  const { payer, truth } = await payerOf(browser, request);
  const tab = payer.page;
  const row = await invoiceOf(truth);

  // The customer pays an invoice, and sends five pesos more than it.
  await tab.goto('/saldos');
  await tab.getByRole('checkbox', { name: `Pagar ${row.number}`, exact: true }).check();
  await tab.getByRole('textbox', { name: `Cantidad a pagar en MXN de ${row.number}`, exact: true }).fill('10.00');
  await payer.button('Pagar con SPEI').click();
  await tab.getByRole('button', { name: /^Ver los datos para transferir \$/ }).click();
  await expect(payer.heading('Haga la transferencia desde su banco')).toBeVisible();
  const [payment] = (await truth.get('/payments?limit=1')).data;
  const { value: concept } = payment.redirect.fields.find(({ name }) => name === 'reference');

  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  await bring(clerk, `E2E${Date.now()}`, concept, '15.00');
  await page.goto(`${DESK}/${payment.id}`);
  await expect(clerk.heading(`Pago ${payment.reference}`)).toBeVisible();
  await clerk.button('Decir qué pasó').click();
  await page.getByLabel('Cantidad que llegó (si es otra)', { exact: true }).fill('15.00');
  await clerk.field('Nota').fill('Mandó cinco pesos de más');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Quedó registrado qué pasó con el pago.');
  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Pago recibido, sin aplicar')).toBeVisible({ timeout: 30_000 });
  await expect(payer.main).toContainText('Saldo a favor');
  await expect(payer.main).toContainText('$15.00');
  await examineSizes(tab, 'a credit');
  await tab.goto('/historial');
  await expect(tab.getByRole('row').filter({ hasText: payment.reference }).first()).toContainText('Saldo a favor');

  await clerk.button('Aplicar a otras facturas').click();
  await page.getByRole('checkbox', { name: row.number, exact: true }).check();
  await expect(clerk.main).toContainText('Se le aplican');
  await examineSizes(page, 'where a credit goes');
  await page.locator('form').getByRole('button', { name: 'Aplicar a otras facturas' }).click();
  await expect(clerk.main).toContainText('El saldo a favor se aplicó.');

  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Pago recibido y aplicado')).toBeVisible({ timeout: 30_000 });
  await expect(payer.main).toContainText(row.number);
  const after = (await truth.get('/balances?issuer=colibri-azul&limit=100')).data.find(({ id }) => id === row.id);
  expect(Math.round((Number(row.available) - Number(after.available)) * 100), 'centavos less to pay').toBe(1500);
  await tab.context().close();
});
