// Money that is sent and not charged: a transfer finds its payment by the concept and is taken back again, one of another
// amount becomes a credit, and one without an order finds its customer; as the customer and the company's staff see it.
import { examineSizes } from '../support/people.js';
import { COMPANY, Payer } from '../support/payer.js';
import { Clerk, staffOf } from '../support/staff.js';
import { expect, test } from '../support/journey.js';

test.setTimeout(300_000);

const DESK = `/consola/e/${COMPANY}/pagos`;

// What a transfer must carry.
const carries = ({ redirect }) => Object.fromEntries(redirect.fields.map(({ name, value }) => [name, value]));

// The account's movements of yesterday, as the company's bank gives them.
async function bring(clerk, name, concept, amount) {
  const { page } = clerk;
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await page.goto(`${DESK}/archivos`);
  await expect(clerk.heading('Archivos del banco')).toBeVisible();
  await clerk.button('Cargar archivo').first().click();
  await page.getByLabel('Banco', { exact: true }).selectOption('spei');
  await page.getByLabel('Formato', { exact: true }).selectOption('csv');
  const table = `fecha,concepto,abono,clave de rastreo\n${day},${concept},${amount},${name}\n`;
  await page.getByLabel('Archivo', { exact: true }).setInputFiles({
    name: `${name}.csv`,
    mimeType: 'text/csv',
    buffer: Buffer.from(table),
  });
  await page.locator('form').getByRole('button', { name: 'Cargar archivo' }).click();
  await expect(clerk.main).toContainText('El archivo se cargó: 1 línea.');
  return page.getByRole('row').filter({ hasText: `${name}.csv` });
}

test('a transfer pays the invoices that its concept names, and what goes back is owed again', async ({ browser, page, request }) => {
  const payer = await Payer.beside(browser, request);
  const tab = payer.page;
  const [row] = await payer.invoices();
  await tab.goto('/saldos');
  await payer.tick(row.number).check();
  await payer.button('Pagar con SPEI').click();
  await expect(payer.dialog()).toContainText('la transferencia la hace usted en su banco');
  await expect(payer.dialog()).not.toContainText('Sus claves');
  await examineSizes(tab, 'the question before a transfer');
  await payer.dialog().getByRole('button', { name: 'Cancelar', exact: true }).click();
  const payment = await payer.orders('SPEI');

  await expect(tab).toHaveURL(new RegExp(`/pagos/${payment.id}$`));
  const wanted = carries(payment);
  for (const value of [wanted.clabe, wanted.reference, wanted.amount]) await expect(payer.main).toContainText(value);
  await expect(payer.main).toContainText(/Hasta el \d\d\/\d\d\/\d{4}/);
  await expect(payer.main).toContainText('Si ya transfirió, no lo haga de nuevo');
  await expect(payer.main).not.toContainText('Preguntando al banco');
  await examineSizes(tab, 'a transfer to be made');
  await tab.goto('/historial');
  await expect(payer.rowOf(payment)).toContainText('Por transferir');

  // It is in the bank's account.
  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  const file = await bring(clerk, `E2E${Date.now()}`, `PAGO ${wanted.reference}`, wanted.amount);
  await expect(file).toContainText('Confirmada 1');
  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Pago recibido y aplicado')).toBeVisible({ timeout: 30_000 });
  await expect(payer.main).toContainText('03 Transferencia electrónica de fondos');
  await tab.goto('/saldos');
  await expect(tab.getByRole('checkbox', { name: /^Pagar / }).first()).toBeVisible();
  await expect(payer.tick(row.number)).toHaveCount(0);

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
  await expect(payer.rowOf(payment)).toContainText('Revertido');
  await tab.goto('/saldos');
  await expect(payer.tick(row.number)).toBeVisible();
  await tab.context().close();
});

test('a transfer of another amount becomes a credit, and pays the invoice that staff tick', async ({ browser, page, request }) => {
  const payer = await Payer.beside(browser, request);
  const tab = payer.page;
  const row = (await payer.invoices()).at(-1);

  // The customer orders ten pesos of an invoice, and sends five more.
  await payer.picks(row.number, '10.00');
  const payment = await payer.orders('SPEI');
  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  const trace = `E2E${Date.now()}`;
  const file = await bring(clerk, trace, carries(payment).reference, '15.00');
  await expect(file).toContainText('Otra cantidad 1');
  await page.goto(`${DESK}/${payment.id}`);
  await expect(clerk.heading(`Pago ${payment.reference}`)).toBeVisible();
  await clerk.button('Decir qué pasó').click();
  await clerk.field('Referencia bancaria').fill(trace);
  await clerk.field('Cantidad que llegó (si es otra)').fill('15.00');
  await clerk.field('Nota').fill('Mandó cinco pesos de más');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Quedó registrado qué pasó con el pago.');
  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Pago recibido, sin aplicar')).toBeVisible({ timeout: 30_000 });
  await expect(payer.main).toContainText('Saldo a favor');
  await expect(payer.main).toContainText('$15.00');
  await examineSizes(tab, 'a credit');
  await tab.goto('/historial');
  await expect(payer.rowOf(payment)).toContainText('Saldo a favor');

  await clerk.button('Aplicar a otras facturas').click();
  await page.getByRole('checkbox', { name: row.number, exact: true }).check();
  await expect(clerk.main).toContainText('Se le aplican $15.00');
  await examineSizes(page, 'where a credit goes');
  await page.locator('form').getByRole('button', { name: 'Aplicar a otras facturas' }).click();
  await expect(clerk.main).toContainText('El saldo a favor se aplicó.');

  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Pago recibido y aplicado')).toBeVisible({ timeout: 30_000 });
  await expect(payer.main).toContainText(row.number);
  const after = (await payer.balances()).find(({ id }) => id === row.id);
  expect(Math.round((Number(row.available) - Number(after.available)) * 100), 'centavos less to pay').toBe(1500);
  await tab.context().close();
});

test('a transfer without an order carries the number that Saldos shows, and pays what is due first', async ({ browser, page, request }) => {
  const payer = await Payer.beside(browser, request);
  const tab = payer.page;
  await tab.goto('/saldos');
  const card = tab.getByRole('region', { name: 'Transferir por SPEI sin elegir facturas', exact: true });
  await expect(card).toBeVisible();
  await expect(card.getByText('Su número (concepto)')).toHaveCount(0);
  await card.locator('summary').click();
  await expect(card.getByText('Su número (concepto)')).toBeVisible();
  const account = (await payer.truth.get('/deposit-accounts')).find(({ issuer }) => issuer === COMPANY);
  for (const value of [account.clabe, account.beneficiary, account.reference]) await expect(card).toContainText(value);
  await expect(card.getByRole('button', { name: /^Copiar: / })).toHaveCount(account.bank ? 4 : 3);
  await examineSizes(tab, 'where a transfer without an order goes');

  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  const trace = `E2E${Date.now()}`;
  const file = await bring(clerk, trace, `DEPOSITO ${account.reference}`, '1.25');
  await expect(file).toContainText('Transferencia 1');
  const { data } = await payer.truth.get('/payments?limit=100');
  const payment = data.find((one) => one.bank_reference === `SPEI ${trace}`);
  expect(payment, 'the payment that the transfer became').toBeDefined();
  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.heading('Pago recibido y aplicado')).toBeVisible();
  await expect(payer.main).toContainText('$1.25');
  await tab.goto('/historial');
  await expect(payer.rowOf(payment)).toContainText('Aplicado');
  await tab.context().close();
});
