// The payment portal's manual, its steps 2 to 7 in order under its profile, with its own invoices and its own total: from
// the user and the password to the payment in the history (K1, K7 to K9, K14 to K34). Under it the ERP applies (K21).
import { under } from '../support/manual.js';
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { Clerk, staffOf } from '../support/staff.js';
import { expect } from '../support/journey.js';

const test = under('canon');

// The manual's ticked rows, and what they come to: 27,794.52 + 3,171.86 + 5,904.42.
const PAID = [
  { number: '6212976', mxn: '27,794.52' },
  { number: '1233076', mxn: '3,171.86', usd: '167.94' },
  { number: '1233080', mxn: '5,904.42', usd: '312.62' },
];
const TOTAL = '$36,870.80';
const CONTRACT = '005300';

test.setTimeout(240_000);

test('steps 2 to 7, from the password to the history, and what the ERP applies', async ({ page, request, browser }) => {
  const { sign_ins: signIns } = await rehearsal(request);
  const account = signIns.find(({ user }) => user === 'TAM010203ABA');
  expect(account, 'a customer of the demo whose user is its RFC').toBeDefined();
  const person = new Person(page);
  const tab = (name) => page.getByRole('navigation', { name: 'Principal', exact: true }).getByRole('link', { name, exact: true });
  const list = page.getByRole('region', { name: 'Listado de facturas' });
  const tick = (number) => list.getByRole('checkbox', { name: `Pagar ${number}`, exact: true });
  const box = (currency, number) =>
    list.getByRole('textbox', { name: `Cantidad a pagar en ${currency} de ${number}`, exact: true });
  const rowOf = (number) => list.getByRole('row').filter({ hasText: number });

  await test.step('2. User and password (K1)', async () => {
    await page.goto('/');
    await expect(person.heading('Portal clientes')).toBeVisible();
    await person.field('Usuario').fill(account.user);
    await person.field('Contraseña').fill(account.password);
    await person.button('Iniciar sesión').click();
  });

  await test.step('3. One lands on Estados de cuenta; the menu leads to SALDOS (K7 to K9)', async () => {
    await expect(page).toHaveURL(/\/estados-de-cuenta/);
    await expect(person.signOut()).toBeVisible();
    await tab('SALDOS').click();
    await expect(person.heading('Saldos')).toBeVisible();
    await expect(tab('SALDOS')).toHaveAttribute('aria-current', 'page');
  });

  await test.step('4. The columns, and a tick that fills the amounts (K14 to K24)', async () => {
    await expect(page.getByRole('region', { name: 'Medios de pago en línea' })).toBeVisible();
    for (const { number } of PAID) await expect(box('MXN', number)).toHaveValue('0.00');
    for (const { number, mxn, usd } of PAID) {
      await tick(number).check();
      await expect(box('MXN', number)).toHaveValue(mxn);
      if (usd) await expect(box('USD', number)).toHaveValue(usd);
      // K20: what is in pesos has no other currency.
      else await expect(box('USD', number)).toHaveCount(0);
    }
    await expect(rowOf('1233076')).toContainText('18.886880');
    // K24: the arithmetic is behind the question mark.
    await rowOf('1233076').getByRole('button', { name: 'Cómo se convierte 1233076' }).focus();
    await expect(rowOf('1233076').getByRole('tooltip')).toContainText('$167.94 USD × 18.886880 = $3,171.86 MXN');
    await examineSizes(page, 'the balances of the manual');
  });

  const bar = page.getByRole('region', { name: 'Medios de pago en línea' });
  const dialog = page.getByRole('dialog', { name: '¿Desea continuar con el pago?' });
  await test.step('5. The bank, and the window with the sum of all; CANCELAR keeps the ticks (K25 to K27)', async () => {
    await expect(bar).toContainText(TOTAL);
    await expect(bar).toContainText(/otros bancos/);
    await bar.getByRole('button', { name: 'Pagar con BBVA' }).click();
    await expect(dialog).toContainText(TOTAL);
    await expect(dialog).toContainText('3 facturas');
    await dialog.getByRole('button', { name: 'Cancelar' }).click();
    await expect(dialog).toBeHidden();
    for (const { number } of PAID) await expect(tick(number)).toBeChecked();
    await bar.getByRole('button', { name: 'Pagar con BBVA' }).click();
    await dialog.getByRole('button', { name: /^Ir a BBVA y pagar / }).click();
  });

  await test.step('6. The bank’s own pages, with its own keys; it charges pesos and reports back (K28 to K30)', async () => {
    await expect(page.getByRole('button', { name: 'Entrar', exact: true })).toBeVisible();
    await expect(page.locator('body')).toContainText(`${TOTAL} MXN`);
    for (const name of ['Entrar', 'Aprobar', 'Volver al comercio']) {
      await page.getByRole('button', { name, exact: true }).click();
    }
    await expect(page).toHaveURL(/\/pagos\/[0-9a-f-]{36}$/);
    await expect(person.heading('BBVA autorizó su pago')).toBeVisible({ timeout: 30_000 });
    await expect(person.main).toContainText(TOTAL);
  });

  const lines = () => page.getByRole('row').filter({ hasText: /BBVA \d+/ });
  const looksAtHistory = async () => {
    await tab('HISTORIAL DE PAGOS').click();
    await expect(person.heading('Historial de pagos')).toBeVisible();
    await page.getByRole('combobox', { name: 'Filtrar por cuenta', exact: true }).selectOption(`colibri-azul/${CONTRACT}`);
    const month = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Mexico_City', year: 'numeric', month: '2-digit' })
      .format(new Date())
      .slice(0, 7);
    await page.getByRole('combobox', { name: 'Filtrar por fecha', exact: true }).selectOption(month);
    await expect(page).toHaveURL(new RegExp(`mes=${month}`));
    return month;
  };
  await test.step('7. The history, by account and by month, a row for each invoice (K31 to K34)', async () => {
    const month = await looksAtHistory();
    await expect(lines()).toHaveCount(PAID.length);
    for (const { number, mxn } of PAID) {
      const line = lines().filter({ hasText: number });
      await expect(line).toContainText(`$${mxn}`);
      await expect(line).toContainText('En tránsito');
      await expect(line).toContainText(/[ap]\.\s?m\./);
    }
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Excel' }).click();
    expect((await saved).suggestedFilename()).toBe(`pagos_${month}.xlsx`);
    await examineSizes(page, 'the history with a row for each invoice');
  });

  await test.step('K21: until it is applied it is in transit, and still pending', async () => {
    await tab('SALDOS').click();
    for (const { number, mxn } of PAID) {
      await expect(rowOf(number)).toContainText(`$${mxn}`);
      await expect(rowOf(number)).toContainText(/BBVA \d+/);
      await expect(tick(number)).toHaveCount(0);
    }
  });

  await test.step('Somebody of the company applies it, and nothing is pending', async () => {
    const operator = await staffOf(request, 'operator');
    const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
    const desk = new Clerk(await context.newPage(), request);
    await desk.signIn(operator);
    await desk.page.goto('/consola/e/colibri-azul/pagos?estado=confirmed');
    await expect(desk.main.getByRole('definition').filter({ hasText: '$36,870.80' }).first()).toBeVisible();
    await desk.main.getByRole('row').filter({ hasText: '$36,870.80' }).getByRole('link').click();
    await desk.button('Aplicar a sus facturas').click();
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Aplicar a sus facturas', exact: true }).click();
    await expect(desk.main).toContainText('Parcialidad');
    await context.close();
    await looksAtHistory();
    for (const { number } of PAID) await expect(lines().filter({ hasText: number })).toContainText('Aplicado');
    await tab('SALDOS').click();
    await expect(person.heading('Saldos')).toBeVisible();
    await expect(rowOf('1233074')).toBeVisible();
    for (const { number } of PAID) await expect(rowOf(number)).toHaveCount(0);
  });
});
