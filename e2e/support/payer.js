// Somebody of the demo who pays: some pesos of an invoice at a time, so that others find it still; and the sandbox bank.
import { Person, rehearsal } from './people.js';
import { ownServer } from './server.js';
import { expect } from './journey.js';
import { Truth } from './truth.js';

// The company whose invoices Saldos shows first.
export const COMPANY = 'colibri-azul';

// The sandbox bank's own site, on another address: its user signs in and decides.
export async function atBankDecides(page, answer) {
  for (const name of ['Entrar', answer]) {
    const button = page.getByRole('button', { name, exact: true });
    await expect(button).toBeVisible();
    await button.click();
  }
}

// The same, and comes back.
export async function atBank(page, answer) {
  await atBankDecides(page, answer);
  const back = page.getByRole('button', { name: 'Volver al comercio', exact: true });
  await expect(back).toBeVisible();
  await back.click();
}

export class Payer extends Person {
  static async on(page, request) {
    const { sign_ins: signIns } = await rehearsal(request);
    const found = signIns.find(({ user }) => user.startsWith('lucia'));
    expect(found, 'a person of the demo who pays').toBeDefined();
    const account = { user: found.user, password: found.password };
    const payer = new Payer(page);
    await payer.signIn(account);
    await expect(page).toHaveURL(/\/inicio$/);
    payer.truth = await Truth.of(request, account);
    // What the demo still makes in the background changes what is owed.
    await payer.truth.isComplete();
    return payer;
  }

  // In a window of her own, beside somebody else's.
  static async beside(browser, request) {
    const context = await browser.newContext({ baseURL: ownServer().address });
    return Payer.on(await context.newPage(), request);
  }

  async balances() {
    return (await this.truth.get(`/balances?issuer=${COMPANY}&limit=100`)).data;
  }

  // Invoices in pesos with something left to pay, the one with the least first.
  async invoices() {
    const rows = (await this.balances()).filter(({ currency, available }) => currency === 'MXN' && Number(available) > 50);
    expect(rows.length, 'invoices in pesos that can be paid').toBeGreaterThan(0);
    return rows.sort((one, other) => Number(one.available) - Number(other.available));
  }

  tick(number) {
    return this.page.getByRole('checkbox', { name: `Pagar ${number}`, exact: true });
  }

  dialog() {
    return this.page.getByRole('dialog', { name: '¿Desea continuar con el pago?' });
  }

  // Ticks an invoice and types how much of it.
  async picks(number, pesos) {
    await this.page.goto('/saldos');
    await this.tick(number).check();
    await this.page.getByRole('textbox', { name: `Cantidad a pagar en MXN de ${number}`, exact: true }).fill(pesos);
  }

  // Orders what is ticked: what comes next is the bank's page, or that of a transfer. Gives the payment.
  async orders(bank) {
    await this.button(`Pagar con ${bank}`).click();
    await this.dialog().getByRole('button', { name: /^(Ir a .* y pagar|Ver los datos para transferir) \$/ }).click();
    const next = bank === 'SPEI' ? this.heading('Haga la transferencia desde su banco') : this.button('Entrar');
    await expect(next).toBeVisible({ timeout: 30_000 });
    const [{ id }] = (await this.truth.get('/payments?limit=1')).data;
    return this.payment(id);
  }

  payment(id) {
    return this.truth.get(`/payments/${id}`);
  }

  // A payment's row in the history.
  rowOf({ id }) {
    return this.page.getByRole('row').filter({ has: this.page.locator(`a[href$="/pagos/${id}"]`) });
  }

  // The bank's word has come; whether the money is on its invoices yet is another fact.
  async isPaid(bank) {
    const said = new RegExp(`^${bank} autorizó su pago$|^Pago recibido y aplicado$`);
    await expect(this.heading(said)).toBeVisible({ timeout: 30_000 });
  }
}
