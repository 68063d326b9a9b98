// The steps of a guest who invoices a ticket, by the words that a person reads.
import { expect } from './journey.js';

// A taxpayer of the SAT's own public tests.
export const RECEPTOR = {
  rfc: 'XIQB891116QE4',
  nombre: 'BERENICE XIMO QUEZADA',
  regimen: '612',
  codigoPostal: '06010',
  uso: 'G03',
};

const HERE = '/api/v1/issuers/default';
const API = { 'X-Requested-With': 'ventanilla' };

// Invoices a ticket as another browser would.
export async function invoice(request, ticket, email) {
  const { branch_id, order_number, ticket_number, total } = ticket;
  const looked = await request.post(`${HERE}/ticket-claims`, {
    data: { branch_id, order_number, ticket_number, total },
    headers: API,
  });
  expect(looked.status(), await looked.text()).toBe(200);
  const { claim, forma_pago } = await looked.json();
  const { rfc, nombre, regimen, codigoPostal, uso } = RECEPTOR;
  const receptor = { rfc, nombre, regimen, codigo_postal: codigoPostal, uso };
  const order = { claim, receptor, email, language: 'es', ...(forma_pago === undefined ? { forma_pago: '28' } : {}) };
  const made = await request.post(`${HERE}/invoices`, { data: order, headers: { ...API, 'Idempotency-Key': `mine-${email}` } });
  expect(made.status(), await made.text()).toBe(201);
  return made.json();
}

export class Guest {
  constructor(page) {
    this.page = page;
    this.goOn = page.getByRole('button', { name: 'Continuar' });
  }

  heading(name) {
    return this.page.getByRole('heading', { level: 1, name });
  }

  // Exact names: the help buttons beside the fields carry theirs too.
  text(name) {
    return this.page.getByRole('textbox', { name, exact: true });
  }

  list(name) {
    return this.page.getByRole('combobox', { name, exact: true });
  }

  control(name) {
    return this.page.getByRole('link', { name }).or(this.page.getByRole('button', { name }));
  }

  async open() {
    await this.page.goto('/');
    const start = this.page.getByRole('main').getByRole('link', { name: 'Facturar mi ticket' });
    await expect(start).toBeVisible();
    return start;
  }

  branch(ticket) {
    return this.page.getByRole('radio', { name: ticket.branch_name });
  }

  async chooseBranch(ticket) {
    await expect(this.heading('¿En qué sucursal compró?')).toBeVisible();
    await this.branch(ticket).check();
    await this.goOn.click();
    await expect(this.heading('¿Cuál es su RFC?')).toBeVisible();
  }

  async giveRfc(receptor = RECEPTOR) {
    await this.text('RFC de quien recibe la factura').fill(receptor.rfc);
    await this.goOn.click();
    await expect(this.heading('Datos de su ticket')).toBeVisible();
  }

  async copyTicket(ticket, total = ticket.total) {
    await this.text('Número de orden').fill(ticket.order_number);
    await this.text('Número de ticket').fill(ticket.ticket_number);
    await this.text('Total del ticket').fill(total);
    const paid = this.page.getByRole('radio', { name: 'Tarjeta de débito' });
    if (ticket.forma_pago !== undefined) return;
    // They come with the issuer, which may be on its way still after a reload.
    await expect(this.page.getByRole('radio').first()).toBeVisible();
    if ((await paid.count()) > 0) await paid.check();
  }

  // Kept to the centavo; leaving the field groups its thousands.
  async hasTotal(total) {
    await expect.poll(async () => (await this.text('Total del ticket').inputValue()).replaceAll(',', '')).toBe(total);
  }

  async findTicket(ticket) {
    await this.copyTicket(ticket);
    await this.goOn.click();
    await expect(this.heading('Sus datos fiscales')).toBeVisible();
  }

  // The value of the option that begins with the SAT's code.
  async option(list, code) {
    const value = await list.locator('option').filter({ hasText: new RegExp(`^\\s*${code}\\b`) }).first().getAttribute('value');
    return value ?? code;
  }

  async fillReceptor(email, receptor = RECEPTOR) {
    await this.text('Nombre o razón social').fill(receptor.nombre);
    for (const [name, code] of [['Régimen fiscal', receptor.regimen], ['Uso del CFDI', receptor.uso]]) {
      const list = this.list(name);
      await expect(list).toBeEnabled();
      await list.selectOption(await this.option(list, code));
    }
    await this.text('Código postal fiscal').fill(receptor.codigoPostal);
    await this.text('Correo para recibirla').fill(email);
  }

  // The form of payment is asked where the till sent none, on the ticket's page or on this one.
  async choosePayment() {
    const paid = this.page.getByRole('radio', { name: 'Tarjeta de débito' });
    if ((await paid.count()) > 0 && (await paid.isEnabled())) await paid.check();
  }

  // In the wizard of three steps it is asked for once the ticket is found.
  async choosePaymentAgain() {
    const paid = this.page.getByRole('radio', { name: 'Tarjeta de débito' });
    const ready = this.heading('Su factura está lista');
    // Not the alert of a ticket that was not found, which stands there until the answer comes.
    const asked = this.page.getByRole('alert').filter({ hasNotText: 'No encontramos un ticket con estos datos' });
    await expect(ready.or(asked.first())).toBeVisible({ timeout: 30_000 });
    if (await ready.isVisible()) return;
    await paid.check();
    await this.control(/Buscar de nuevo|Generar Factura/).click();
  }

  async review() {
    await this.page.getByRole('button', { name: 'Revisar factura' }).click();
    await expect(this.heading('Revise antes de generar')).toBeVisible();
  }

  async generate() {
    await this.page.getByRole('button', { name: 'Generar factura' }).click();
    await this.ready();
  }

  async ready() {
    await expect(this.heading('Su factura está lista')).toBeVisible({ timeout: 30_000 });
  }
}

// The letter to this address, once it has left the outbox.
export async function letterTo(request, email) {
  let letter;
  await expect
    .poll(
      async () => {
        const answer = await request.get('/api/v1/mailbox?limit=100');
        letter = (await answer.json()).data.find((row) => row.to.includes(email));
        return letter !== undefined;
      },
      { message: `a letter to ${email}`, timeout: 30_000 },
    )
    .toBe(true);
  return letter;
}
