// Steps 2 to 7 of the payments manual that this portal answers to, with its own invoices and its own total: from the
// way in to the payment in the history (K14 to K34).
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { expect, test } from '../support/journey.js';

// The manual's ticked rows, and what they come to: 27,794.52 + 3,171.86 + 5,904.42.
const PAID = [
  { number: '6212976', mxn: '27,794.52' },
  { number: '1233076', mxn: '3,171.86', usd: '167.94' },
  { number: '1233080', mxn: '5,904.42', usd: '312.62' },
];
const TOTAL = '$36,870.80';
const CONTRACT = '005300';

test.setTimeout(180_000);

test('the manual, from the way in to the history of payments', async ({ page, request }) => {
  const { sign_ins: signIns } = await rehearsal(request);
  const account = signIns.find(({ user }) => user.startsWith('lucia'));
  expect(account, 'a person of the demo who pays').toBeDefined();
  const person = new Person(page);

  // 2. User and password.
  await person.signIn(account);
  await expect(page).toHaveURL(/\/inicio$/);

  // 3. The menu leads to Saldos.
  const menu = page.getByRole('navigation', { name: 'Principal' });
  await menu.getByRole('link', { name: 'Estados de cuenta' }).click();
  await expect(person.heading('Estados de cuenta')).toBeVisible();
  await menu.getByRole('link', { name: 'Saldos' }).click();
  await expect(person.heading('Saldos')).toBeVisible();

  // 4. A tick fills the amounts (K16); what is in pesos has no other currency (K20).
  const list = page.getByRole('region', { name: 'Listado de facturas' });
  const box = (currency, number) =>
    list.getByRole('textbox', { name: `Cantidad a pagar en ${currency} de ${number}`, exact: true });
  for (const { number, mxn, usd } of PAID) {
    await list.getByRole('checkbox', { name: `Pagar ${number}`, exact: true }).check();
    await expect(box('MXN', number)).toHaveValue(mxn);
    if (usd) await expect(box('USD', number)).toHaveValue(usd);
    else await expect(box('USD', number)).toHaveCount(0);
  }
  const row = list.getByRole('row').filter({ hasText: '1233076' });
  await expect(row).toContainText('18.886880');
  // K24: the arithmetic is behind the question mark.
  await row.getByRole('button', { name: 'Cómo se convierte 1233076' }).focus();
  await expect(row.getByRole('tooltip')).toContainText('$167.94 USD × 18.886880 = $3,171.86 MXN');

  // 5. The bank, and the question with the sum of all (K26); CANCELAR keeps the ticks (K27).
  const bar = page.getByRole('region', { name: 'Medios de pago en línea' });
  await expect(bar).toContainText(TOTAL);
  const dialog = page.getByRole('dialog', { name: '¿Desea continuar con el pago?' });
  await bar.getByRole('button', { name: 'Pagar con BBVA' }).click();
  await expect(dialog).toContainText(TOTAL);
  await expect(dialog).toContainText('3 facturas');
  await dialog.getByRole('button', { name: 'Cancelar' }).click();
  await expect(dialog).toBeHidden();
  for (const { number } of PAID) {
    await expect(list.getByRole('checkbox', { name: `Pagar ${number}`, exact: true })).toBeChecked();
  }
  await bar.getByRole('button', { name: 'Pagar con BBVA' }).click();
  await dialog.getByRole('button', { name: /^Ir a BBVA y pagar / }).click();

  // 6. The bank's own pages, with its own keys.
  for (const name of ['Entrar', 'Aprobar', 'Volver al comercio']) {
    await page.getByRole('button', { name, exact: true }).click();
  }
  await expect(person.heading(/^BBVA autorizó su pago$|^Pago recibido y aplicado$/)).toBeVisible({ timeout: 30_000 });
  await expect(person.main).toContainText(TOTAL);

  // 7. The history, by account and by month (K31 to K34).
  await menu.getByRole('link', { name: 'Historial de pagos' }).click();
  await expect(person.heading('Historial de pagos')).toBeVisible();
  await page.getByRole('combobox', { name: 'Filtrar por cuenta', exact: true }).selectOption(CONTRACT);
  const month = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Mexico_City', year: 'numeric', month: '2-digit' })
    .format(new Date())
    .slice(0, 7);
  await page.getByRole('combobox', { name: 'Filtrar por fecha', exact: true }).selectOption(month);
  await expect(page).toHaveURL(new RegExp(`mes=${month}`));
  const first = page.getByRole('row').filter({ hasText: '6212976' }).first();
  await expect(first).toContainText(TOTAL);
  await expect(first).toContainText(/BBVA \d+/);
  for (const { number } of PAID) await expect(first).toContainText(number);
  await expect(first).toContainText('Aplicado');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Excel' }).click();
  expect((await saved).suggestedFilename()).toBe(`pagos_${month}.xlsx`);
  await examineSizes(page, 'the history with its table');

  // What was paid is not owed any more.
  await menu.getByRole('link', { name: 'Saldos' }).click();
  await expect(person.heading('Saldos')).toBeVisible();
  for (const { number } of PAID) {
    await expect(list.getByRole('checkbox', { name: `Pagar ${number}`, exact: true })).toHaveCount(0);
  }
});
