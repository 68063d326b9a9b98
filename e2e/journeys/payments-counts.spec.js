// What an accounts-payable clerk does with money, counted: presses, keys and seconds of each task, against what was
// promised for it.
import { Count } from '../support/count.js';
import { Person, rehearsal } from '../support/people.js';
import { expect, test } from '../support/journey.js';
import { Truth } from '../support/truth.js';

test.setTimeout(300_000);

class Desk extends Person {
  static async of(page, request) {
    const { sign_ins: signIns } = await rehearsal(request);
    const account = signIns.find(({ user }) => user.startsWith('lucia'));
    expect(account, 'a person of the demo who pays').toBeDefined();
    // What the demo still makes in the background changes what is owed.
    await (await Truth.of(request, account)).isComplete();
    const desk = new Desk(page);
    desk.count = await Count.on(page);
    await desk.signIn({ user: account.user, password: account.password });
    await expect(page).toHaveURL(/\/inicio$/);
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
}

test('what I owe, three invoices, all of them, a part, and what became of it', async ({ page, request }) => {
  const desk = await Desk.of(page, request);

  await desk.count.task('what do I owe, what is overdue', { clicks: 1, seconds: 8 }, async () => {
    await desk.toBalances();
    await expect(desk.main).toContainText('Vencido');
  });

  await desk.count.task('pay three', { clicks: 5, seconds: 25 }, async () => {
    for (const place of [0, 1, 2]) await desk.ticks().nth(place).click();
    await desk.toTheBank();
  });
  await desk.givesUp();

  await desk.count.task('pay all', { clicks: 3, seconds: 25 }, async () => {
    await desk.list.getByRole('checkbox', { name: 'Marcar todas las facturas del listado' }).click();
    await desk.toTheBank();
  });
  await desk.givesUp();

  await desk.count.task('pay a part', { clicks: 4, keys: 4, seconds: 25 }, async () => {
    await desk.ticks().first().click();
    await desk.list.getByRole('textbox', { name: /^Cantidad a pagar en MXN de / }).first().click({ clickCount: 1 });
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('10');
    await expect(desk.bar).toContainText('$10.00 MXN');
    await desk.toTheBank();
  });

  for (const name of ['Entrar', 'Aprobar', 'Volver al comercio']) {
    await page.getByRole('button', { name, exact: true }).click();
  }
  await expect(desk.heading(/^BBVA autorizó su pago$|^Pago recibido y aplicado$/)).toBeVisible({ timeout: 30_000 });

  await desk.count.task('did my payment arrive', { clicks: 1, seconds: 8 }, async () => {
    await desk.menu('Historial de pagos').click();
    await expect(page.getByRole('row').nth(1)).toContainText(/BBVA \d+/);
    await expect(page.getByRole('row').nth(1)).toContainText(/Aplicado|En tránsito/);
  });

  await desk.count.task('history of a month', { clicks: 2, seconds: 8 }, async () => {
    const months = page.getByRole('combobox', { name: 'Filtrar por fecha', exact: true });
    await desk.count.choose(months, { index: 1 });
    await expect(page).toHaveURL(/mes=\d{4}-\d{2}/);
    await expect(page.getByRole('row').nth(1)).toContainText('$10.00');
  });

  await desk.count.task('its export', { clicks: 1, seconds: 8 }, async () => {
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Excel' }).click();
    await saved;
  });
});
