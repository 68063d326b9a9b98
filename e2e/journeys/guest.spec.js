// A guest invoices a ticket: the promise on the first page.
import { Guest, RECEPTOR, letterTo } from '../support/guest.js';
import { SIZES, download, examine, expect, tabTo, test } from '../support/journey.js';

const UUID = /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/;

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('a demo ticket becomes a CFDI that is downloaded and mailed', async ({ page, request, ticket, email }) => {
        const guest = new Guest(page);
        const start = await guest.open();
        await expect(page.getByText('PRUEBAS', { exact: false }).first()).toBeVisible();
        await examine(page, 'the first page');
        await start.click();

        await expect(guest.heading('¿En qué sucursal compró?')).toBeVisible();
        await expect(guest.branch(ticket)).toBeVisible();
        await examine(page, 'the branch step');
        await guest.chooseBranch(ticket);
        await examine(page, 'the RFC step');
        await guest.giveRfc();
        await examine(page, 'the ticket step');
        await guest.findTicket(ticket);
        await examine(page, 'the fiscal data step');
        await guest.fillReceptor(email);
        await guest.choosePayment();
        await guest.review();

        const main = page.getByRole('main');
        for (const shown of [RECEPTOR.rfc, RECEPTOR.nombre, ticket.ticket_number, email]) await expect(main).toContainText(shown);
        await examine(page, 'the review step');
        await guest.generate();
        await examine(page, 'the finished invoice');

        const [folioFiscal] = UUID.exec(await main.innerText()) ?? [];
        expect(folioFiscal, 'the UUID of the stamp on the page').toBeDefined();
        const xml = await download(page, guest.control('Descargar XML'));
        const text = xml.bytes.toString('utf8');
        expect(xml.name).toMatch(/^[\x21-\x7e]+\.xml$/);
        expect(text).toContain('cfdi:Comprobante');
        expect(text).toContain(`Rfc="${RECEPTOR.rfc}"`);
        expect(text).toContain(`Total="${ticket.total}"`);
        expect(text.toUpperCase()).toContain(`UUID="${folioFiscal.toUpperCase()}"`);
        const pdf = await download(page, guest.control('Descargar PDF'));
        expect(pdf.name).toMatch(/^[\x21-\x7e]+\.pdf$/);
        expect(pdf.bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');

        const letter = await letterTo(request, email);
        await page.goto('/buzon');
        await expect(page.getByRole('heading', { level: 1, name: 'Buzón de correos enviados' })).toBeVisible();
        await expect(page.getByText(email).first()).toBeVisible();
        await examine(page, 'the mailbox');
        await page.locator(`a[href$="/buzon/${letter.id}"]`).first().click();
        await expect(page.getByRole('main')).toContainText(letter.subject);
        await examine(page, 'the letter');
        const attached = await download(page, page.getByRole('link', { name: /\.xml/ }).first());
        expect(attached.bytes.equals(xml.bytes), 'the attached XML is the downloaded one').toBe(true);
        await expect(page.getByRole('link', { name: /\.pdf/ }).first()).toBeVisible();
      });
    });
  }
}

test('a reload opens the finished invoice again', async ({ page, ticket, email }) => {
  const guest = new Guest(page);
  await (await guest.open()).click();
  await guest.chooseBranch(ticket);
  await guest.giveRfc();
  await guest.findTicket(ticket);
  await guest.fillReceptor(email);
  await guest.choosePayment();
  await guest.review();
  await guest.generate();
  await page.reload();
  await guest.ready();
});

test('the whole way works with the keyboard alone', async ({ page, ticket, email }) => {
  const guest = new Guest(page);
  const { keyboard } = page;
  const write = async (field, text) => {
    await tabTo(page, field);
    await keyboard.type(text);
  };
  // Arrows move inside a group of radios and along a closed list.
  const arrowUntil = async (done) => {
    for (let press = 0; press < 60; press += 1) {
      if (await done()) return;
      await keyboard.press('ArrowDown');
    }
    throw new Error('the arrows do not reach the choice');
  };
  const pick = async (name, code) => {
    const list = guest.list(name);
    await expect(list).toBeEnabled();
    const wanted = await guest.option(list, code);
    await tabTo(page, list);
    await arrowUntil(async () => (await list.inputValue()) === wanted);
  };
  const choose = async (radio) => {
    await tabTo(page, page.getByRole('radio'));
    await keyboard.press(' ');
    await arrowUntil(() => radio.isChecked());
  };
  const payment = async () => {
    const paid = page.getByRole('radio', { name: 'Tarjeta de débito' });
    if ((await paid.count()) > 0 && (await paid.isEnabled())) await choose(paid);
  };

  const start = await guest.open();
  await tabTo(page, start);
  await keyboard.press('Enter');
  await expect(guest.branch(ticket)).toBeVisible();
  await choose(guest.branch(ticket));
  await keyboard.press('Enter');

  await expect(guest.heading('¿Cuál es su RFC?')).toBeVisible();
  await write(guest.text('RFC de quien recibe la factura'), RECEPTOR.rfc);
  await keyboard.press('Enter');

  await expect(guest.heading('Datos de su ticket')).toBeVisible();
  await write(guest.text('Número de orden'), ticket.order_number);
  await write(guest.text('Número de ticket'), ticket.ticket_number);
  await write(guest.text('Total del ticket'), ticket.total);
  await payment();
  await keyboard.press('Enter');

  await expect(guest.heading('Sus datos fiscales')).toBeVisible();
  await payment();
  await write(guest.text('Nombre o razón social'), RECEPTOR.nombre);
  await pick('Régimen fiscal', RECEPTOR.regimen);
  await write(guest.text('Código postal fiscal'), RECEPTOR.codigoPostal);
  await pick('Uso del CFDI', RECEPTOR.uso);
  await write(guest.text('Correo para recibirla'), email);
  await keyboard.press('Enter');

  await expect(guest.heading('Revise antes de generar')).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Generar factura' }));
  await keyboard.press('Enter');
  await guest.ready();
  await tabTo(page, guest.control('Descargar PDF'));
});

test('a wrong total gives the one message and keeps what was typed', async ({ page, watch, ticket }) => {
  const guest = new Guest(page);
  await (await guest.open()).click();
  await guest.chooseBranch(ticket);
  await guest.giveRfc();
  watch.expectAnswer('/ticket-claims');
  const wrong = `1${ticket.total}`;
  await guest.copyTicket(ticket, wrong);
  await guest.goOn.click();

  const message = page.getByRole('alert').filter({ hasText: 'No encontramos un ticket con estos datos' });
  await expect(message).toHaveCount(1);
  await expect(message).toBeVisible();
  await expect(guest.text('Número de orden')).toHaveValue(ticket.order_number);
  await expect(guest.text('Número de ticket')).toHaveValue(ticket.ticket_number);
  await guest.hasTotal(wrong);
  // Which of the three is wrong is for nobody to know.
  await expect(page.locator('[aria-invalid="true"]')).toHaveCount(0);
  await examine(page, 'the ticket step with its message');
  // What support needs to find it in the log: the code, and the request's own id.
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await message.getByRole('button', { name: 'Copiar para soporte' }).click();
  await expect(message.getByRole('status')).toHaveText('Copiado');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^ticket_not_found [\w-]{20,}$/);

  await guest.text('Total del ticket').fill(ticket.total);
  await guest.control(/Buscar de nuevo|Continuar/).click();
  await expect(guest.heading('Sus datos fiscales')).toBeVisible();
});

test('a reload keeps the draft', async ({ page, ticket, email }) => {
  const guest = new Guest(page);
  await (await guest.open()).click();
  await guest.chooseBranch(ticket);
  await guest.giveRfc();
  await guest.copyTicket(ticket);
  await page.reload();
  await expect(guest.text('Número de orden')).toHaveValue(ticket.order_number);
  await expect(guest.text('Número de ticket')).toHaveValue(ticket.ticket_number);
  await guest.hasTotal(ticket.total);
  await guest.findTicket(ticket);

  await guest.fillReceptor(email);
  const regimen = await guest.list('Régimen fiscal').inputValue();
  await page.reload();
  await expect(guest.text('Nombre o razón social')).toHaveValue(RECEPTOR.nombre);
  await expect(guest.list('Régimen fiscal')).toHaveValue(regimen);
  await expect(guest.text('Código postal fiscal')).toHaveValue(RECEPTOR.codigoPostal);
  await expect(guest.text('Correo para recibirla')).toHaveValue(email);
  await guest.choosePayment();
  await guest.review();
});

test('the first page offers a sample ticket that fills itself in', async ({ page }) => {
  const guest = new Guest(page);
  await guest.open();
  await guest.control('Probar con un ticket de muestra').click();
  await expect(page).toHaveURL(/\/facturar\//);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await examine(page, 'the flow begun with a sample');
});

test('an address that nobody knows says so and leads home', async ({ page }) => {
  await page.goto('/no-existe');
  await expect(page.getByRole('heading', { name: 'Esta página no existe' })).toBeVisible();
  await examine(page, 'the page that does not exist');
  await page.getByRole('main').getByRole('link', { name: 'Ir al inicio' }).click();
  await expect(page.getByRole('main').getByRole('link', { name: 'Facturar mi ticket' })).toBeVisible();
});
