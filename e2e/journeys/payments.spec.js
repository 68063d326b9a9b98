// Payments: a customer sees what it owes, pays some of it at the bank's site, and finds the payment in its history.
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { SIZES, expect, tabTo, test } from '../support/journey.js';
import { atBank } from '../support/payer.js';
import { Truth } from '../support/truth.js';

class Payments extends Person {
  list() {
    return this.page.getByRole('region', { name: 'Listado de facturas' });
  }

  rows() {
    return this.list().getByRole('row').filter({ has: this.page.getByRole('checkbox', { name: /^Pagar / }) });
  }

  ticks() {
    return this.list().getByRole('checkbox', { name: /^Pagar / });
  }

  tick(number) {
    return this.list().getByRole('checkbox', { name: `Pagar ${number}`, exact: true });
  }

  amount(currency, number) {
    return this.list().getByRole('textbox', { name: `Cantidad a pagar en ${currency} de ${number}`, exact: true });
  }

  bar() {
    return this.page.getByRole('region', { name: 'Medios de pago en línea' });
  }

  dialog() {
    return this.page.getByRole('dialog', { name: '¿Desea continuar con el pago?' });
  }

  async open(account, at = '/saldos') {
    await this.signIn(account);
    await expect(this.page).toHaveURL(/\/inicio$/);
    await this.page.goto(at);
    await expect(this.heading('Saldos')).toBeVisible();
    await expect(this.rows().first()).toBeVisible();
  }
}

class Owed extends Truth {
  // Rows of the address's issuer that can be paid, the first due first.
  async payable() {
    const { data } = await this.get('/balances?issuer=default&limit=100');
    return data.filter((row) => Number(row.available) > 0);
  }

  // The first bank on offer.
  async bank() {
    const { data, payable_to: payableTo } = await this.get('/balances?issuer=default&limit=1');
    return payableTo.find(({ issuer }) => issuer === data[0].issuer).banks[0].name;
  }
}

// Pesos as a person reads them.
const shown = (cents) => {
  const [whole, decimals] = (cents / 100).toFixed(2).split('.');
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${decimals}`;
};
const cents = (text) => Math.round(Number(text) * 100);
const sum = (rows) => rows.reduce((total, row) => total + cents(row.available_mxn), 0);

// Each walks through two sites, with axe on every page at two sizes.
test.setTimeout(300_000);

let account;
let truth;

test.beforeEach(async ({ request }) => {
  const { sign_ins: signIns } = await rehearsal(request);
  const found = signIns.find(({ user }) => user.startsWith('lucia'));
  expect(found, 'a person of the demo who pays').toBeDefined();
  account = { user: found.user, password: found.password };
  truth = await Owed.of(request, account);
  // What the demo still makes in the background changes what is owed.
  await truth.isComplete();
});

test('a part is paid in either currency, and too much is said before it is sent', async ({ page }) => {
  const person = new Payments(page);
  await person.open(account);
  const row = (await truth.payable()).find(({ currency }) => currency === 'USD');
  expect(row, 'an invoice in dollars').toBeDefined();
  await expect(person.amount('MXN', row.number)).toBeDisabled();
  await expect(person.amount('MXN', row.number)).toHaveValue('0.00');
  await person.tick(row.number).check();
  await expect(person.amount('USD', row.number)).toHaveValue(row.available);

  await person.amount('USD', row.number).fill('100');
  await expect(person.amount('MXN', row.number)).toHaveValue('1,888.69');
  await expect(person.bar()).toContainText('$1,888.69 MXN');
  await person.amount('MXN', row.number).fill('1,000.00');
  await expect(person.amount('USD', row.number)).toHaveValue('52.95');

  await person.amount('MXN', row.number).fill('99,999.00');
  await expect(person.amount('MXN', row.number)).toHaveAttribute('aria-invalid', 'true');
  await expect(person.list()).toContainText('La cantidad es mayor que lo pendiente');
  await person.bar().getByRole('button', { name: 'Pagar con BBVA' }).click({ force: true });
  await expect(person.dialog()).toBeHidden();
  await expect(person.amount('MXN', row.number)).toBeFocused();
  await examineSizes(page, 'balances with too much');
  await person.bar().getByRole('button', { name: 'Quitar la selección' }).click();
});

test('ticks and amounts outlive a filter, a reload and a closed question', async ({ page }) => {
  const person = new Payments(page);
  await person.open(account);
  const [first, second] = await truth.payable();
  await person.tick(first.number).check();
  await person.tick(second.number).check();
  await person.amount('MXN', second.number).fill('10.00');
  const total = shown(cents(first.available_mxn) + 1000);
  await expect(person.bar()).toContainText(total);

  await page.reload();
  await expect(person.tick(second.number)).toBeChecked();
  await expect(person.amount('MXN', second.number)).toHaveValue(/^10(\.00)?$/);
  await page.getByRole('button', { name: /^En otra moneda/ }).click();
  await expect(page).toHaveURL(/solo=otra-moneda/);
  await expect(person.bar()).toContainText(total);
  await page.getByRole('button', { name: /^Todas/ }).click();

  await person.bar().getByRole('button', { name: `Pagar con ${await truth.bank()}` }).click();
  await expect(person.dialog()).toContainText('parcial, quedan');
  await person.dialog().getByRole('button', { name: 'Cancelar' }).click();
  await expect(person.dialog()).toBeHidden();
  await expect(person.tick(first.number)).toBeChecked();
  await expect(person.bar()).toContainText(total);
  await person.bar().getByRole('button', { name: 'Quitar la selección' }).click();
});

test('the keyboard alone ticks a range and reaches the question', async ({ page }) => {
  const person = new Payments(page);
  await person.open(account);
  await tabTo(page, person.ticks().first());
  await page.keyboard.press('Space');
  await expect(person.ticks().first()).toBeChecked();
  await tabTo(page, person.ticks().nth(2));
  await page.keyboard.press('Shift+Space');
  await expect(person.ticks().nth(1)).toBeChecked();
  await expect(person.ticks().nth(2)).toBeChecked();
  await expect(person.bar()).toContainText('3 facturas seleccionadas');
  await tabTo(page, person.bar().getByRole('button', { name: 'Pagar con BBVA' }), 200);
  await page.keyboard.press('Enter');
  await expect(person.dialog()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(person.dialog()).toBeHidden();
  await expect(person.bar().getByRole('button', { name: 'Pagar con BBVA' })).toBeFocused();
  await person.ticks().first().click();
  await person.ticks().nth(2).click({ modifiers: ['Shift'] });
  await expect(person.bar()).toContainText('Marque las facturas que quiere pagar');
});

test('everything is ticked with one press', async ({ page }) => {
  const person = new Payments(page);
  await person.open(account);
  const rows = await truth.payable();
  await person.list().getByRole('checkbox', { name: 'Marcar todas las facturas del listado' }).click();
  await expect(person.bar()).toContainText(shown(sum(rows)));
  await person.bar().getByRole('button', { name: 'Quitar la selección' }).click();
  await expect(person.bar()).toContainText('Marque las facturas que quiere pagar');
});

test('a bank that refuses leaves everything as it was, to be tried again', async ({ page }) => {
  const person = new Payments(page);
  await person.open(account);
  const [row] = await truth.payable();
  await person.tick(row.number).check();
  const bank = await truth.bank();
  await person.bar().getByRole('button', { name: `Pagar con ${bank}` }).click();
  await person.dialog().getByRole('button', { name: `Ir a ${bank} y pagar ` }).click();
  await atBank(page, 'Rechazar');
  await expect(person.heading(`${bank} no autorizó el pago`)).toBeVisible({ timeout: 30_000 });
  await expect(person.main).toContainText('No se hizo ningún cargo');
  await examineSizes(page, 'a refused payment');
  // The same invoices, at once, to the same bank; and once more with another choice.
  await person.button(`Intentar de nuevo con ${bank}`).click();
  await atBank(page, 'Rechazar');
  await expect(person.heading(`${bank} no autorizó el pago`)).toBeVisible({ timeout: 30_000 });
  await person.button('Cambiar facturas o banco').click();
  await expect(person.tick(row.number)).toBeChecked();
  await person.bar().getByRole('button', { name: 'Quitar la selección' }).click();
});

test('without an answer nothing is called paid, and paying again is warned of', async ({ page }) => {
  const person = new Payments(page);
  await person.open(account);
  const [row] = await truth.payable();
  await person.tick(row.number).check();
  await person.bar().getByRole('button', { name: 'Pagar con BBVA' }).click();
  await person.dialog().getByRole('button', { name: /^Ir a BBVA y pagar / }).click();
  await atBank(page, 'En proceso (000000)');
  await expect(person.heading('BBVA está procesando su pago')).toBeVisible({ timeout: 30_000 });
  await expect(person.main).toContainText('No pague de nuevo');
  await examineSizes(page, 'a payment in process');
  await page.goto('/saldos');
  await expect(person.tick(row.number)).toHaveCount(0);
});

test('a return that names no payment leads to the history', async ({ page }) => {
  const person = new Payments(page);
  await person.open(account, '/saldos');
  await page.goto('/pagos');
  await expect(person.heading('No reconocimos a qué pago vuelve')).toBeVisible();
  await examineSizes(page, 'a return without a payment');
  await person.main.getByRole('link', { name: 'Ver historial de pagos' }).click();
  await expect(person.heading('Historial de pagos')).toBeVisible();
  await person.page.getByRole('combobox', { name: 'Filtrar por fecha', exact: true }).selectOption({ index: 30 });
  await expect(page).toHaveURL(/mes=\d{4}-\d{2}/);
  await expect(person.main).toContainText('Ningún pago con estos filtros');
});

test('who may only look is told so', async ({ page, request }) => {
  const { sign_ins: signIns } = await rehearsal(request);
  const found = signIns.find(({ user }) => user.startsWith('despacho'));
  expect(found, 'a reader of the demo').toBeDefined();
  const person = new Payments(page);
  await person.signIn({ user: found.user, password: found.password });
  await expect(page).toHaveURL(/\/inicio$/);
  await page.goto('/saldos');
  await expect(person.heading('Saldos')).toBeVisible();
  await expect(person.main).toContainText(/Su usuario puede consultar, no pagar|No debe nada/);
  await expect(page.getByRole('checkbox')).toHaveCount(0);
});

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(size, () => {
    test.use({ viewport });

    test('three invoices are paid in five presses, and the payment is in the history', async ({ page }) => {
      const person = new Payments(page);
      await person.open(account);
      const rows = (await truth.payable()).slice(0, 3);
      expect(rows.length, 'invoices to pay').toBe(3);

      for (const row of rows) await person.tick(row.number).check();
      await expect(person.bar()).toContainText(shown(sum(rows)));
      await expect(person.bar()).toContainText('3 facturas seleccionadas');
      await expect(person.amount('MXN', rows[0].number)).toHaveValue(shown(cents(rows[0].available_mxn)).slice(1));
      await examineSizes(page, 'balances with ticks');
      await person.bar().getByRole('button', { name: 'Pagar con BBVA' }).click();
      await expect(person.dialog()).toContainText(shown(sum(rows)));
      await expect(person.dialog()).toContainText('3 facturas');
      await examineSizes(page, 'the question before the bank');
      await person.dialog().getByRole('button', { name: /^Ir a BBVA y pagar / }).click();

      await atBank(page, 'Aprobar');
      await expect(page).toHaveURL(/\/pagos\/[0-9a-f-]{36}$/);
      await expect(person.heading(/^BBVA autorizó su pago$|^Pago recibido y aplicado$/)).toBeVisible({ timeout: 30_000 });
      for (const row of rows) await expect(person.main).toContainText(row.number);
      await expect(person.main).toContainText(shown(sum(rows)));
      await expect(person.main).not.toContainText('No pague de nuevo');
      await expect(person.main).toContainText('04 Tarjeta de crédito');
      await examineSizes(page, 'the return from the bank');

      await person.main.getByRole('link', { name: 'Ver historial de pagos' }).click();
      await expect(person.heading('Historial de pagos')).toBeVisible();
      const first = page.getByRole('row').nth(1);
      await expect(first).toContainText(rows[0].number);
      await expect(first).toContainText(shown(sum(rows)));
      await examineSizes(page, 'the history');

      // What was taken is not ticked any more, and is not offered again.
      await page.goto('/saldos');
      await expect(person.heading('Saldos')).toBeVisible();
      await expect(person.bar()).toContainText('Marque las facturas que quiere pagar');
      for (const row of rows) await expect(person.tick(row.number)).toHaveCount(0);
    });
  });
}
