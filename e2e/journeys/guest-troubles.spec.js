// A guest on days that are not the best: the SAT is silent or refuses, the paper is not understood, the language is the
// wrong one, somebody goes back, and the page itself does not come.
import { Guest, RECEPTOR, letterTo } from '../support/guest.js';
import { ownServer } from '../support/server.js';
import { SIZES, expect, test } from '../support/journey.js';
import { examineSizes } from '../support/people.js';

test.setTimeout(120_000);

// Companies whose RFC makes the rehearsal's PAC do something.
const company = (rfc) => ({ rfc, nombre: 'EMPRESA DE PRUEBA', regimen: '601', codigoPostal: '06010', uso: 'G03' });

async function untilReview(page, ticket, email, receptor = RECEPTOR) {
  const guest = new Guest(page);
  await (await guest.open()).click();
  await guest.chooseBranch(ticket);
  await guest.giveRfc(receptor);
  await guest.findTicket(ticket);
  await guest.fillReceptor(email, receptor);
  await guest.choosePayment();
  await guest.review();
  return guest;
}

test('when the SAT is silent the invoice waits, and the same one is recovered', async ({ page, request, ticket, email }) => {
  const guest = await untilReview(page, ticket, email, company('PER010101001'));
  await page.getByRole('button', { name: 'Generar factura' }).click();
  await expect(guest.heading('El SAT aún no responde')).toBeVisible({ timeout: 30_000 });
  const main = page.getByRole('main');
  for (const said of ['Su factura está en espera, no se perdió.', email, 'Número de seguimiento']) await expect(main).toContainText(said);
  await examineSizes(page, 'an invoice that waits');
  await page.reload();
  const ready = guest.heading('Su factura está lista');
  await expect(guest.heading('El SAT aún no responde').or(ready)).toBeVisible();
  // The invoice may arrive by itself, also under the finger: then there is nothing to press any more.
  const retry = page.getByRole('button', { name: 'Intentar ahora' });
  if (await retry.isVisible()) await retry.click({ timeout: 5_000 }).catch(() => expect(ready).toBeVisible());
  await guest.ready();
  await letterTo(request, email);
});

test('what the SAT refuses is marked where it was typed, and the rest is kept', async ({ page, watch, ticket, email }) => {
  watch.expectAnswer('/invoices');
  const guest = await untilReview(page, ticket, email, company('RCH010101148'));
  await page.getByRole('button', { name: 'Generar factura' }).click();
  await expect(guest.heading('Sus datos fiscales')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('alert').first()).toContainText('El código postal no es el de su domicilio fiscal');
  await expect(guest.text('Código postal fiscal')).toHaveAttribute('aria-invalid', 'true');
  await expect(guest.text('Nombre o razón social')).toHaveValue('EMPRESA DE PRUEBA');
  await expect(guest.text('Correo para recibirla')).toHaveValue(email);
  await examineSizes(page, 'the data that were refused');

  // It was another company: its RFC is changed, and the ticket is still free.
  await page.goto('/facturar/rfc');
  await guest.giveRfc();
  await guest.goOn.click();
  await expect(guest.heading('Sus datos fiscales')).toBeVisible();
  await guest.fillReceptor(email);
  await guest.choosePayment();
  await guest.review();
  await guest.generate();
});

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(size, () => {
    test.use({ viewport });

    test('each ? lights its datum on the drawn ticket', async ({ page, ticket }) => {
      const guest = new Guest(page);
      await (await guest.open()).click();
      await guest.chooseBranch(ticket);
      await guest.giveRfc();
      const [order, number, total] = ['el número de orden', 'el número de ticket', 'el total del ticket'];
      for (const [name, typed] of [[order, guest.text('Número de orden')], [number, guest.text('Número de ticket')], [total, guest.text('Total del ticket')]]) {
        await typed.fill('123');
        await page.getByRole('button', { name: `¿Dónde está ${name}?` }).click();
        if (size === 'phone') {
          const sheet = page.getByRole('dialog');
          await expect(sheet.locator('[data-hl]')).toHaveCount(1);
          await page.keyboard.press('Escape');
          await expect(sheet).toBeHidden();
        } else {
          await expect(page.locator('aside [data-hl], [data-hl]').filter({ visible: true })).toHaveCount(1);
        }
      }
      await expect(guest.text('Número de orden')).toHaveValue('123');
      await expect(guest.text('Número de ticket')).toHaveValue('123');
    });
  });
}

test('the browser’s Back and Forward lose nothing, and a second address gets the invoice', async ({ page, request, ticket, email }) => {
  const guest = await untilReview(page, ticket, email);
  for (const name of ['Sus datos fiscales', 'Datos de su ticket', '¿Cuál es su RFC?', '¿En qué sucursal compró?']) {
    await page.goBack();
    await expect(guest.heading(name)).toBeVisible();
  }
  await expect(guest.branch(ticket)).toBeChecked();
  for (const name of ['¿Cuál es su RFC?', 'Datos de su ticket', 'Sus datos fiscales']) {
    await page.goForward();
    await expect(guest.heading(name)).toBeVisible();
  }
  await expect(guest.text('Nombre o razón social')).toHaveValue(RECEPTOR.nombre);
  await expect(guest.text('Correo para recibirla')).toHaveValue(email);
  await guest.review();
  await guest.generate();

  const second = `otro-${email}`;
  await guest.text('Enviar por correo').fill(second);
  await page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await expect(page.getByRole('main')).toContainText(second);
  await letterTo(request, second);
});

test('the language changes midway and keeps what was typed', async ({ page, ticket, email }) => {
  const guest = new Guest(page);
  await (await guest.open()).click();
  await guest.chooseBranch(ticket);
  await guest.giveRfc();
  await guest.findTicket(ticket);
  await guest.text('Nombre o razón social').fill(RECEPTOR.nombre);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(guest.heading('Your tax details')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
  await expect(guest.text('Name or company name')).toHaveValue(RECEPTOR.nombre);
  await examineSizes(page, 'the fiscal data step in English');
  await page.getByRole('button', { name: 'Review invoice' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  for (const [name, code] of [['Tax regime', RECEPTOR.regimen], ['Use of the CFDI', RECEPTOR.uso]]) {
    await guest.list(name).selectOption(await guest.option(guest.list(name), code));
  }
  await guest.text('Tax postal code').fill(RECEPTOR.codigoPostal);
  await guest.text('Mail to receive it').fill(email);
  const paid = page.getByRole('radio', { name: 'Debit card' });
  if ((await paid.count()) > 0 && (await paid.isEnabled())) await paid.check();
  await page.getByRole('button', { name: 'Review invoice' }).click();
  await expect(guest.heading('Review before generating')).toBeVisible();
  await examineSizes(page, 'the review in English');
  await page.getByRole('button', { name: 'Generate invoice' }).click();
  await expect(guest.heading('Your invoice is ready')).toBeVisible({ timeout: 30_000 });
  await examineSizes(page, 'the finished invoice in English');
});

// Their own contexts: what fails here is meant to.
test('a page whose program does not come reloads once and then says so', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: ownServer().address });
  const page = await context.newPage();
  let opened = 0;
  page.on('framenavigated', () => { opened += 1; });
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'No pudimos abrir esta página' })).toBeVisible();
  expect(opened, 'loaded, and once more').toBe(2);
  await page.unroute('**/*.wasm');
  await page.getByRole('button', { name: 'Intentar de nuevo' }).click();
  await expect(page.getByRole('main').getByRole('link', { name: 'Facturar mi ticket' })).toBeVisible();

  // A list that does not come has its face, and a way on.
  await page.route('**/branches**', (route) => route.abort());
  await page.getByRole('main').getByRole('link', { name: 'Facturar mi ticket' }).click();
  const again = page.getByRole('button', { name: 'Intentar de nuevo' });
  await expect(again).toBeVisible();
  await page.unroute('**/branches**');
  await again.click();
  await expect(page.getByRole('radio').first()).toBeVisible();
  await context.close();

  const bare = await browser.newContext({ baseURL: ownServer().address, javaScriptEnabled: false });
  const still = await bare.newPage();
  await still.goto('/');
  await expect(still.getByRole('heading', { name: 'Active JavaScript para continuar' })).toBeVisible();
  await bare.close();
});
