// What an accounts-payable clerk does with money, counted: presses, keys and seconds of each task, against what was
// promised for it.
import { Clicks } from '../support/clicks.js';
import { Person, rehearsal } from '../support/people.js';
import { expect, test } from '../support/journey.js';

test.setTimeout(120_000);

class Desk extends Person {
  static async of(page, request) {
    const { sign_ins: signIns } = await rehearsal(request);
    const account = signIns.find(({ user }) => user.startsWith('lucia'));
    expect(account, 'a person of the demo who pays').toBeDefined();
    const desk = new Desk(page);
    await desk.signIn({ user: account.user, password: account.password });
    await expect(page).toHaveURL(/\/inicio$/);
    desk.clicks = await Clicks.of(page);
    return desk;
  }

  menu(name) {
    return this.page.getByRole('navigation', { name: 'Principal' }).getByRole('link', { name, exact: true });
  }

  get list() {
    return this.page.getByRole('region', { name: 'Listado de facturas' });
  }

  get bar() {
    return this.page.getByRole('region', { name: 'Medios de pago en línea' });
  }

  ticks() {
    return this.list.getByRole('checkbox', { name: /^Pagar / });
  }

  async toBalances() {
    await this.menu('Saldos').click();
    await expect(this.ticks().first()).toBeVisible();
  }

  async toTheBank() {
    await this.bar.getByRole('button', { name: 'Pagar con BBVA' }).click();
    await this.page.getByRole('button', { name: /^Ir a BBVA y pagar / }).click();
    await expect(this.page.getByRole('button', { name: 'Entrar', exact: true })).toBeVisible();
  }

  // Back from the bank's first page with nothing paid: the next journey finds the invoices free.
  async givesUp() {
    for (const name of ['Entrar', 'Rechazar', 'Volver al comercio']) {
      await this.page.getByRole('button', { name, exact: true }).click();
    }
    await expect(this.heading('BBVA no autorizó el pago')).toBeVisible({ timeout: 30_000 });
    await this.button('Cambiar facturas o banco').click();
    await this.bar.getByRole('button', { name: 'Quitar la selección' }).click();
  }

  // The task took no more than this; the figures are in the report of the run.
  took(task, most) {
    const done = this.clicks.end();
    test.info().annotations.push({ type: task, description: JSON.stringify(done) });
    console.log(`${task}: ${done.clicks} presses, ${done.keys} keys, ${done.seconds.toFixed(1)} s`);
    for (const [what, limit] of Object.entries(most)) {
      expect(done[what], `${task}: ${what}`).toBeLessThanOrEqual(limit);
    }
    this.clicks.begin();
  }
}

test('what I owe, three invoices, all of them, a part, and what became of it', async ({ page, request }) => {
  const desk = await Desk.of(page, request);

  desk.clicks.begin();
  await desk.toBalances();
  await expect(desk.main).toContainText('Vencido');
  desk.took('what do I owe, what is overdue', { clicks: 1, keys: 0, seconds: 8 });

  for (const place of [0, 1, 2]) await desk.ticks().nth(place).click();
  await desk.toTheBank();
  desk.took('pay three', { clicks: 5, keys: 0, seconds: 25 });
  await desk.givesUp();

  desk.clicks.begin();
  await desk.list.getByRole('checkbox', { name: 'Marcar todas las facturas del listado' }).click();
  await desk.toTheBank();
  desk.took('pay all', { clicks: 3, keys: 0, seconds: 25 });
  await desk.givesUp();

  desk.clicks.begin();
  await desk.ticks().first().click();
  const amount = desk.list.getByRole('textbox', { name: /^Cantidad a pagar en MXN de / }).first();
  await amount.click({ clickCount: 1 });
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('10');
  await expect(desk.bar).toContainText('$10.00 MXN');
  await desk.toTheBank();
  desk.took('pay a part', { clicks: 4, keys: 4, seconds: 25 });

  for (const name of ['Entrar', 'Aprobar', 'Volver al comercio']) {
    await page.getByRole('button', { name, exact: true }).click();
  }
  await expect(desk.heading(/^BBVA autorizó su pago$|^Pago recibido y aplicado$/)).toBeVisible({ timeout: 30_000 });

  desk.clicks.begin();
  await desk.menu('Historial de pagos').click();
  await expect(page.getByRole('row').nth(1)).toContainText(/BBVA \d+/);
  await expect(page.getByRole('row').nth(1)).toContainText(/Aplicado|En tránsito/);
  desk.took('did my payment arrive', { clicks: 1, keys: 0, seconds: 8 });

  // A list of the browser's own opens and closes with two presses, which it tells no page of: beside them there is none.
  await page.getByRole('combobox', { name: 'Filtrar por fecha', exact: true }).selectOption({ index: 1 });
  await expect(page).toHaveURL(/mes=\d{4}-\d{2}/);
  await expect(page.getByRole('row').nth(1)).toContainText('$10.00');
  desk.took('history of a month', { clicks: 0, keys: 0, seconds: 8 });

  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Excel' }).click();
  await saved;
  desk.took('its export', { clicks: 1, keys: 0, seconds: 8 });
});
