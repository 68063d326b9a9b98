// «Mis facturas»: a guest proves a mailbox with a code, sees its invoices and keeps its fiscal data; and the proof of work
// that a computer does by itself.
import { Guest, RECEPTOR, invoice } from '../support/guest.js';
import { letterTo } from '../support/manual.js';
import { examineSizes } from '../support/people.js';
import { SIZES, examine, expect, tabTo, test } from '../support/journey.js';

async function codeTo(request, email) {
  const letter = await letterTo(request, email, /Código/);
  return /Código\D*(\d{3}) ?(\d{3})/.exec(letter).slice(1).join('');
}

const button = (page, name) => page.getByRole('button', { name });
const box = (page, name) => page.getByRole('textbox', { name, exact: true });

test.describe('a guest with a mailbox, by keyboard alone on a phone', () => {
  test.use({ viewport: SIZES.phone });

  test('sees the invoices, mails one, edits the data and invoices with them', async ({ page, request, ticket, email, watch }) => {
    test.slow();
    // Whoever proved nothing yet is told that there is nothing.
    for (const path of ['/my-invoices', '/my-receptors']) watch.expectAnswer(path);
    const guest = new Guest(page);
    const { keyboard } = page;
    const made = await invoice(request, ticket, email);
    const number = `${made.serie}-${made.folio}`;

    await page.goto('/');
    await tabTo(page, page.getByRole('link', { name: 'Mis facturas' }));
    await keyboard.press('Enter');
    await expect(guest.heading('Mis facturas')).toBeVisible();
    await expect(box(page, 'Correo electrónico')).toBeVisible();
    await examineSizes(page, 'the form for the mailbox');
    await tabTo(page, box(page, 'Correo electrónico'));
    await keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('Correo electrónico');
    await tabTo(page, box(page, 'Correo electrónico'));
    await keyboard.type(email.toUpperCase());
    await keyboard.press('Enter');
    await expect(guest.heading('Escriba su código')).toBeVisible();
    await examineSizes(page, 'the form for the code');
    // A phone that drops the tab while the letter is read loads it anew: the code of that letter is still asked for.
    await page.reload();
    await expect(guest.heading('Escriba su código')).toBeVisible();
    await tabTo(page, box(page, 'Código de 6 dígitos'));
    await keyboard.type(await codeTo(request, email));
    await keyboard.press('Enter');

    const row = page.getByRole('row').filter({ hasText: number });
    await expect(row).toBeVisible();
    await expect(page.getByText(`${email}. Sesión abierta con código`)).toBeVisible();
    await examineSizes(page, 'the invoices of a mailbox');
    // T22: what is not looked for is not shown, and what was looked for stays in its field.
    const search = page.getByRole('searchbox', { name: 'Buscar' });
    for (const [typed, found] of [['nada-de-nada', 0], [ticket.ticket_number, 1], [made.total, 1], ['', 1]]) {
      await tabTo(page, search);
      await keyboard.press('Control+A');
      await keyboard.type(typed);
      if (typed === '') await keyboard.press('Delete');
      await keyboard.press('Enter');
      await expect(row).toHaveCount(found);
      await expect(search).toHaveValue(typed);
      if (found === 0) await expect(page.getByRole('heading', { name: 'Ninguna factura coincide' })).toBeVisible();
    }
    const state = page.getByRole('combobox', { name: 'Estado' });
    await state.selectOption('waiting');
    await expect(row).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Ninguna factura coincide' })).toBeVisible();
    await expect(state).toHaveValue('waiting');
    await state.selectOption('');
    await expect(row).toBeVisible();
    await tabTo(page, page.getByRole('link', { name: `PDF de ${number}` }));
    const [file] = await Promise.all([page.waitForEvent('download'), keyboard.press('Enter')]);
    expect(file.suggestedFilename()).toMatch(/\.pdf$/);
    // A phone mails it from the invoice's own page; a desk has a button in the row.
    await page.setViewportSize(SIZES.desktop);
    await tabTo(page, button(page, `Enviar ${number} por correo`));
    await keyboard.press('Enter');
    await expect(page.getByRole('status').filter({ hasText: `Se envía otra vez a ${email}` })).toBeVisible();
    await page.setViewportSize(SIZES.phone);

    // T15: the RFC was invoiced and stays; what changes is told.
    await tabTo(page, button(page, `Editar los datos de ${RECEPTOR.rfc}`));
    await keyboard.press('Enter');
    await expect(guest.heading('Editar mis datos')).toBeVisible();
    await expect(page.getByText(`RFC ${RECEPTOR.rfc}`)).toBeVisible();
    await expect(box(page, 'Nombre o razón social')).toHaveValue(RECEPTOR.nombre);
    await examineSizes(page, 'the fiscal data');
    await tabTo(page, box(page, 'Código postal fiscal'));
    await keyboard.press('Control+A');
    await keyboard.type('03100');
    await keyboard.press('Enter');
    await expect(page.getByRole('status').filter({ hasText: 'Guardado.' })).toBeVisible();
    await letterTo(request, email, /Cambiaron sus datos de facturación/);

    // T16: the next invoice begins with them.
    await tabTo(page, button(page, 'Facturar con estos datos'));
    await keyboard.press('Enter');
    await expect(guest.heading('¿En qué sucursal compró?')).toBeVisible();
    const { tickets } = await (await request.get('/api/v1/rehearsal')).json();
    await guest.chooseBranch(tickets[0]);
    await expect(box(page, 'RFC de quien recibe la factura')).toHaveValue(RECEPTOR.rfc);
    await guest.goOn.click();
    await guest.findTicket(tickets[0]);
    await expect(box(page, 'Código postal fiscal')).toHaveValue('03100');
    await expect(box(page, 'Correo para recibirla')).toHaveValue(email);

    // What is deleted is offered no more; the invoices stay.
    await page.goto('/mis-facturas');
    await tabTo(page, button(page, `Editar los datos de ${RECEPTOR.rfc}`));
    await keyboard.press('Enter');
    await tabTo(page, button(page, 'Borrar mis datos guardados'));
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Borrar mis datos guardados' }));
    await keyboard.press('Enter');
    await expect(page.getByRole('status').filter({ hasText: 'Datos borrados.' })).toBeVisible();
    await expect(button(page, 'Facturar con estos datos')).toHaveCount(0);
    await expect(row).toBeVisible();
  });

  test('opens an invoiced ticket with a code to its mail', async ({ page, request, ticket, email, watch }) => {
    for (const path of ['/ticket-claims', '/my-receptors', '/mail-codes/']) watch.expectAnswer(path);
    const guest = new Guest(page);
    const made = await invoice(request, ticket, email);
    await page.goto('/facturar');
    await guest.chooseBranch(ticket);
    await guest.giveRfc();
    await guest.copyTicket(ticket);
    await guest.goOn.click();
    const way = page.getByRole('alert').getByRole('link', { name: 'Enviar un código al correo de esa factura' });
    await expect(way).toBeVisible();
    await tabTo(page, way);
    await page.keyboard.press('Enter');
    await expect(guest.heading('Escriba su código')).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText(email);
    await examine(page, 'the code of an invoiced ticket');
    const code = await codeTo(request, email);
    await box(page, 'Código de 6 dígitos').fill(code === '000000' ? '000001' : '000000');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toBeVisible();
    await box(page, 'Código de 6 dígitos').fill(code);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: `${made.serie}-${made.folio}`, exact: true }).click();
    await guest.ready();
  });
});

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(`the check against robots, ${size}`, () => {
    test.use({ viewport });

    test('is done by itself, and a failed one is tried again by keyboard', async ({ page }) => {
      await page.goto('/recuperar');
      const check = page.getByRole('group', { name: 'Comprobación contra robots' });
      await expect(check).toBeVisible();
      await examine(page, 'the check before it begins');
      // The computer is offline, and comes back.
      await page.context().route('**/proof-of-work*', (route) => route.abort('aborted'));
      await page.getByLabel('Correo electrónico', { exact: true }).fill('nadie@correo.example');
      const again = check.getByRole('button', { name: 'Intentar de nuevo' });
      await expect(again).toBeVisible();
      await expect(check.getByRole('status')).toHaveText('No se pudo comprobar');
      await examine(page, 'the check that failed');
      await page.context().unroute('**/proof-of-work*');
      await page.getByLabel('Correo electrónico', { exact: true }).focus();
      await tabTo(page, again);
      await page.keyboard.press('Enter');
      await expect(check.getByRole('status')).toHaveText('Listo', { timeout: 20_000 });
      await examine(page, 'the check that is done');
      await page.getByRole('button', { name: 'Enviar liga' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Revise su correo' })).toBeVisible();
    });
  });
}
