// Payments as an operator of an issuer meets them: a bank's file, a transfer that names nobody, and taking it back; a bank
// that tells of an order nobody knows, and how its money is brought home.
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { ownServer } from '../support/server.js';
import { Clerk, staffOf } from '../support/staff.js';
import { expect, test } from '../support/journey.js';
import { Truth } from '../support/truth.js';

const CUSTOMER = 'TAM010203ABA';

test.setTimeout(240_000);

test('a transfer that names nobody is given to its customer, and taken back', async ({ page, request }) => {
  const account = await staffOf(request, 'operator');
  const clerk = new Clerk(page, request);
  await clerk.signIn(account);
  await page.goto('/consola/e/colibri-azul/pagos');
  await expect(clerk.heading('Pagos')).toBeVisible();
  await examineSizes(page, 'payments at the desk');

  await page.getByRole('navigation', { name: 'Partes de Pagos' }).getByRole('link', { name: 'Por revisar' }).click();
  await expect(clerk.heading('Por revisar')).toBeVisible();
  await examineSizes(page, 'reviews at the desk');

  await page.getByRole('navigation', { name: 'Partes de Pagos' }).getByRole('link', { name: 'Archivos del banco' }).click();
  await expect(clerk.heading('Archivos del banco')).toBeVisible();
  await clerk.button('Cargar archivo').first().click();
  await page.getByLabel('Banco', { exact: true }).selectOption('spei');
  await page.getByLabel('Formato', { exact: true }).selectOption('csv');
  await page.locator('form').getByRole('button', { name: 'Cargar archivo' }).click();
  await expect(clerk.main).toContainText('Elija un archivo.');
  const transfer = `E2E${Date.now()}`;
  const table = `fecha,concepto,abono,clave de rastreo\n2026-11-18,deposito sin nombre,1.50,${transfer}\n`;
  await page.getByLabel('Archivo', { exact: true }).setInputFiles({
    name: 'cuenta.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(table),
  });
  await page.locator('form').getByRole('button', { name: 'Cargar archivo' }).click();
  await expect(clerk.main).toContainText('El archivo se cargó: 1 línea.');
  await expect(clerk.main).toContainText('Sin identificar 1');
  await examineSizes(page, 'banks files at the desk');

  await page.getByRole('link', { name: 'cuenta.csv' }).first().click();
  await expect(clerk.heading('cuenta.csv')).toBeVisible();
  await expect(clerk.main).toContainText(transfer);
  await clerk.button('Es de un cliente').click();
  await page.getByLabel('RFC del cliente', { exact: true }).fill(CUSTOMER);
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText(/La línea ya es el pago \d+\./);
  await page.getByRole('link', { name: 'Pago', exact: true }).click();

  await expect(clerk.heading(/^Pago \d+$/)).toBeVisible();
  await expect(clerk.main).toContainText(transfer);
  await expect(clerk.main).toContainText('Transferencia sin orden');
  await expect(clerk.main).toContainText('03 Transferencia electrónica de fondos');
  await examineSizes(page, 'a payment at the desk');
  await clerk.button('Revertir').click();
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Motivo');
  await page.getByLabel('Motivo', { exact: true }).fill('Prueba del recorrido');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('El pago se revirtió.');
  await expect(clerk.main).toContainText('Revertido');
});

test('the figures above the payments, and a rate that somebody types', async ({ page, request }) => {
  const account = await staffOf(request, 'operator');
  const clerk = new Clerk(page, request);
  await clerk.signIn(account);
  await page.goto('/consola/e/colibri-azul/pagos');
  await expect(clerk.main.getByRole('term').filter({ hasText: /^Sin identificar · \d+$/ })).toBeVisible();
  await expect(clerk.main.getByRole('definition').first()).toHaveText(/^\$[\d,]+\.\d\d$/);

  await page.getByRole('navigation', { name: 'Partes de Pagos' }).getByRole('link', { name: 'Tipos de cambio' }).click();
  await expect(clerk.heading('Tipos de cambio')).toBeVisible();
  await expect(clerk.main).toContainText('El tipo de cambio impreso en cada factura');
  await clerk.button('Escribir un tipo de cambio').click();
  await clerk.field('Día').fill('ayer');
  await clerk.field('Pesos por unidad').fill('dieciocho');
  await clerk.button('Guardar').click();
  await expect(clerk.field('Día')).toHaveAttribute('aria-invalid', 'true');
  await expect(clerk.field('Pesos por unidad')).toHaveAttribute('aria-invalid', 'true');
  await examineSizes(page, 'a rate that is none');
  await clerk.field('Día').fill('17/11/2026');
  await clerk.field('Pesos por unidad').fill('18.88688');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Se guardó el tipo de cambio de USD del 17/11/2026.');
  const row = page.getByRole('row').filter({ hasText: '17/11/2026' });
  await expect(row).toContainText('18.886880');
  await expect(row).toContainText('A mano');
  await expect(row).toContainText(account.user);
  await examineSizes(page, 'the rates of days');
  await page.getByLabel('De dónde viene', { exact: true }).selectOption('erp');
  await expect(row).toHaveCount(0);
  await page.getByLabel('De dónde viene', { exact: true }).selectOption('manual');
  await expect(row).toBeVisible();
  await page.getByLabel('Hasta el día', { exact: true }).fill('16/11/2026');
  await page.keyboard.press('Tab');
  await expect(row).toHaveCount(0);
});

test('a bank names an order that nobody knows, and its money is brought home by hand', async ({ browser, page, request }) => {
  // A customer pays one peso of an invoice; the bank charges it and tells of another order.
  const { sign_ins: signIns } = await rehearsal(request);
  const { user, password } = signIns.find((one) => one.user.startsWith('lucia'));
  const context = await browser.newContext({ baseURL: ownServer().address });
  const tab = await context.newPage();
  const payer = new Person(tab);
  await payer.signIn({ user, password });
  await expect(tab).toHaveURL(/\/inicio$/);
  await tab.goto('/saldos');
  const ticks = tab.getByRole('checkbox', { name: /^Pagar / });
  await ticks.last().check();
  await tab.getByRole('textbox', { name: /^Cantidad a pagar en MXN de / }).last().fill('1.00');
  await tab.getByRole('button', { name: 'Pagar con BBVA' }).click();
  await tab.getByRole('button', { name: /^Ir a BBVA y pagar / }).click();
  for (const name of ['Entrar', 'Nombrar otra orden', 'Volver al comercio']) await payer.button(name).click();
  await expect(payer.heading('No reconocimos a qué pago vuelve')).toBeVisible();
  const [payment] = (await (await Truth.of(request, { user, password })).get('/payments?limit=1')).data;
  expect(payment.state, 'nothing moved by itself').toBe('in_transit');

  const account = await staffOf(request, 'operator');
  const clerk = new Clerk(page, request);
  await clerk.signIn(account);
  await page.goto('/consola/e/colibri-azul/pagos/por-revisar');
  await clerk.button('Ver también las cerradas').click();
  // Its own, whatever others left there.
  const own = { has: page.locator(`a[href$="/pagos/${payment.id}"]`) };
  const card = page.getByRole('region', { name: /^BBVA, / }).filter({ hasText: '0bad' }).filter(own);
  await expect(card).toContainText('Comprobado');
  await expect(card).toContainText('1.00');
  await examineSizes(page, 'a message that names no payment');
  await card.getByRole('button', { name: 'Cerrar el aviso', exact: true }).click();
  await card.getByRole('button', { name: 'Cerrar el aviso', exact: true }).click();
  await expect(clerk.field('Nota')).toHaveAttribute('aria-invalid', 'true');
  await clerk.field('Nota').fill('El banco cobró con otro número de orden');
  await card.getByRole('button', { name: 'Cerrar el aviso', exact: true }).click();
  await expect(clerk.main).toContainText('La revisión se cerró.');
  await expect(card).toContainText('El banco cobró con otro número de orden');

  // Its reference leads to the payment; the account of the bank says that the money is there, and by which form it came.
  await card.getByRole('link', { name: 'Lleva la referencia de este pago: quizá sea el suyo.' }).click();
  await expect(page).toHaveURL(new RegExp(`/pagos/${payment.id}$`));
  await clerk.button('Decir qué pasó').click();
  const number = `E2E${Date.now()}`;
  await clerk.field('Referencia bancaria').fill(number);
  await clerk.field('Forma de pago').selectOption('04');
  await clerk.field('Nota').fill('Está en la cuenta');
  await examineSizes(page, 'what became of a payment');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Quedó registrado qué pasó con el pago.');
  await expect(clerk.main).toContainText('04 Tarjeta de crédito');
  await expect(clerk.main).toContainText('Según una persona de la empresa');
  await clerk.button('Decir la forma de pago').click();
  await clerk.button('Guardar').click();
  await expect(clerk.field('Forma de pago')).toHaveAttribute('aria-invalid', 'true');
  await clerk.field('Forma de pago').selectOption('28');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Se guardó la forma de pago.');
  await expect(clerk.main).toContainText('28 Tarjeta de débito');

  // Whoever calls has the bank's number at hand, as the history shows it.
  await page.goto('/consola/e/colibri-azul/pagos');
  const search = page.getByRole('searchbox', { name: 'Número, referencia bancaria, monto o RFC' });
  await search.fill(`BBVA ${number}`);
  await search.press('Enter');
  await expect(clerk.main.getByRole('link', { name: payment.reference, exact: true })).toBeVisible();
  await search.fill('no existe');
  await search.press('Enter');
  await expect(clerk.main).toContainText('Ningún pago así');
  await examineSizes(page, 'a payment that is not found');

  await tab.goto(`/pagos/${payment.id}`);
  await expect(payer.main).toContainText('28 Tarjeta de débito');
  await examineSizes(tab, 'a payment with its form');
  await context.close();
});
