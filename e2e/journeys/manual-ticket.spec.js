// The manual of self-invoicing by ticket, its chapters in order under its profile: invoicing and the customer's data (I, II)
// by a guest, the account (III, IV, V) by a customer.
import { Guest, RECEPTOR, invoice } from '../support/guest.js';
import { letterTo, temporaryIn, under } from '../support/manual.js';
import { Person, examineSizes, linkTo } from '../support/people.js';
import { SIZES, expect } from '../support/journey.js';

const test = under('ticket');
const RFC = 'TAM010203ABA';
const EMAIL = 'lucia.ferran@arrayan.example';

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(`the manual of the tickets' portal, ${size}`, () => {
    test.use({ viewport });

    test('T1 to T16, T25: three steps to an invoice, and the data of the next one', async ({ page, request, watch }) => {
      test.slow();
      for (const path of ['/my-invoices', '/my-receptors', '/ticket-claims']) watch.expectAnswer(path);
      const guest = new Guest(page);
      const email = `manual-${size}@correo.example`;
      const { tickets } = await (await request.get('/api/v1/rehearsal')).json();
      const [ticket] = tickets;
      const step = (n, name) => page.getByText(`Paso ${n} de 3: ${name}`);

      await test.step('T1, T26: the branch', async () => {
        await page.goto('/');
        await expect(step(1, 'Sucursal')).toBeVisible();
        await guest.chooseBranch(ticket);
      });
      await test.step('T2, T3: the RFC, without an account; unknown data are captured', async () => {
        await expect(step(2, 'RFC')).toBeVisible();
        await guest.text('RFC de quien recibe la factura').fill(RECEPTOR.rfc);
        await guest.goOn.click();
        await expect(guest.heading('Sus datos fiscales')).toBeVisible();
        await guest.fillReceptor(email);
        await examineSizes(page, 'the customer information');
        await page.getByRole('button', { name: 'Guardar', exact: true }).click();
      });
      await test.step('T4 to T10: one screen with the ticket, its help and the other functions', async () => {
        await expect(step(3, 'Ticket')).toBeVisible();
        const tools = page.getByRole('navigation', { name: 'Otras funciones' });
        for (const name of ['Editar información del cliente', 'Panel de control', 'Cambiar contraseña']) {
          await expect(tools.getByRole('link', { name })).toBeVisible();
        }
        await expect(page.getByRole('group', { name: 'Método de Pago' })).toBeVisible();
        await examineSizes(page, 'the third step');
        // T25: going back loses nothing.
        await guest.copyTicket(ticket, `1${ticket.total}`);
        await tools.getByRole('link', { name: 'Editar información del cliente' }).click();
        await expect(guest.text('Nombre o razón social')).toHaveValue(RECEPTOR.nombre);
        await page.getByRole('button', { name: 'Guardar', exact: true }).click();
        await expect(guest.text('Número de orden')).toHaveValue(ticket.order_number);
      });
      await test.step('T9, T14: a wrong total is refused', async () => {
        await page.getByRole('button', { name: 'Generar Factura', exact: true }).click();
        await expect(page.getByRole('alert')).toContainText('No encontramos un ticket con estos datos');
        await guest.text('Total del ticket').fill(ticket.total);
      });
      await test.step('T11, T12: «Generar Factura» stamps; XML, PDF, mail', async () => {
        await guest.control(/Buscar de nuevo|Generar Factura/).click();
        await guest.choosePaymentAgain();
        await guest.ready();
        for (const name of ['Descargar XML', 'Descargar PDF']) await expect(guest.control(name)).toBeVisible();
        await examineSizes(page, 'the stamped invoice');
      });
      await test.step('T15, T16: the data are changed with a code, and are there for the next ticket', async () => {
        await page.getByRole('link', { name: 'Mis facturas' }).click();
        await page.getByRole('button', { name: 'Pedir un código' }).click();
        await guest.text('Correo electrónico').fill(email);
        await page.getByRole('button', { name: 'Enviar código' }).click();
        const letter = await letterTo(request, email, /Código/);
        await guest.text('Código de 6 dígitos').fill(/Código\D*(\d{3} ?\d{3})/.exec(letter)[1]);
        await page.getByRole('button', { name: 'Ver mis facturas' }).click();
        await page.getByRole('button', { name: `Editar los datos de ${RECEPTOR.rfc}` }).click();
        await guest.text('Código postal fiscal').fill('03100');
        await page.getByRole('button', { name: 'Guardar cambios' }).click();
        await expect(page.getByRole('status').filter({ hasText: 'Guardado.' })).toBeVisible();
        await page.getByRole('button', { name: 'Facturar con estos datos' }).click();
        // This tab knows the branch, and now the data: only the ticket is left.
        await expect(step(3, 'Ticket')).toBeVisible();
        await page.getByRole('link', { name: 'Editar información del cliente' }).click();
        await expect(guest.text('Código postal fiscal')).toHaveValue('03100');
      });
    });

    test('T24, T21 to T23: the first invoice brings an account, which has its panel', async ({ page, request, watch }) => {
      test.slow();
      const person = new Person(page);
      const email = `cuenta-${size}@correo.example`;
      const first = 'ajolote bajo la lluvia';
      const second = 'tres faroles y un tranvía';
      const { tickets } = await (await request.get('/api/v1/rehearsal')).json();
      const made = await invoice(request, tickets[0], email);
      const row = page.getByRole('row').filter({ hasText: `${made.serie}-${made.folio}` });
      const menu = page.getByRole('navigation', { name: size === 'phone' ? 'Principal, teléfono' : 'Principal', exact: true });
      const enter = async (user, password) => {
        await person.field('RFC o correo').fill(user);
        await person.field('Contraseña').fill(password);
        await person.button('Entrar').click();
      };

      await test.step('T24: the letter leads to a password, and that to the panel', async () => {
        await page.goto(await linkTo(request, email, 'activar'));
        await expect(person.heading('Elija su contraseña')).toBeVisible();
        await person.field('Contraseña nueva').fill(first);
        await person.button('Guardar y entrar').click();
        await expect(page).toHaveURL(/\/mis-facturas$/);
        await expect(person.heading('Panel de control de Facturas')).toBeVisible();
        await expect(row).toBeVisible();
        await examineSizes(page, 'the panel of a mailbox');
        await expect(menu.getByRole('link')).toHaveCount(size === 'phone' ? 2 : 3);
      });
      await test.step('T23: another password', async () => {
        await menu.getByRole('link', { name: size === 'phone' ? 'Contraseña' : 'Cambiar contraseña' }).click();
        await person.field('Contraseña actual').fill(first);
        await person.field('Contraseña nueva').fill(second);
        await person.button('Cambiar contraseña').click();
        await expect(page.getByRole('status').filter({ hasText: 'Contraseña cambiada' })).toBeVisible();
        await examineSizes(page, 'the security of a mailbox');
        await page.getByRole('navigation', { name: 'Mi cuenta', exact: true }).getByRole('link', { name: 'Privacidad' }).click();
        await page.getByRole('radio', { name: /Acceso/ }).check();
        await person.field('Su solicitud').fill('Digan qué guardan de este correo.');
        await examineSizes(page, 'the privacy of a mailbox');
        await person.button('Enviar solicitud').click();
        await expect(page.getByText('La respuesta llegará a más tardar el')).toBeVisible();
        const [mine] = await Promise.all([page.waitForEvent('download'), person.button('Descargar mis datos').click()]);
        expect(mine.suggestedFilename()).toMatch(/^correo_datos_\d{4}-\d\d-\d\d\.json$/);
        await person.signOut().click();
        await expect(person.heading('Panel de control de Facturas')).toBeVisible();
      });
      await test.step('T20, T21: the address signs in, and what is a customer’s leads to the panel', async () => {
        watch.expectAnswer('/api/v1/sessions');
        await enter(RECEPTOR.rfc, second);
        await expect(page.getByRole('alert')).toBeVisible();
        await enter(email, second);
        await expect(page).toHaveURL(/\/mis-facturas$/);
        await page.goto('/consultas');
        await expect(page).toHaveURL(/\/mis-facturas$/);
      });
      await test.step('T22: the invoice is found and downloaded', async () => {
        await page.getByRole('searchbox', { name: 'Buscar' }).fill(String(made.folio));
        await page.keyboard.press('Enter');
        await expect(row).toBeVisible();
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name: `XML de ${made.serie}-${made.folio}` }).click(),
        ]);
        expect(file.suggestedFilename()).toMatch(/\.xml$/);
      });
      await test.step('C46: whoever comes next to this computer finds nothing', async () => {
        for (const path of ['/my-invoices', '/my-receptors']) watch.expectAnswer(path);
        await person.signOut().click();
        // The panel is headed as the way into it is.
        await expect(person.button('Entrar')).toBeVisible();
        await page.goto('/mis-facturas');
        await expect(page.getByRole('textbox', { name: 'Correo electrónico', exact: true })).toBeVisible();
        await expect(row).toHaveCount(0);
      });
    });

    test('T17 to T23: recovering the password, the panel, another password', async ({ page, request, watch }) => {
      test.slow();
      watch.expectAnswer('/api/v1/sessions');
      const person = new Person(page);
      const enter = async (user, password) => {
        await person.field('RFC o correo').fill(user);
        await person.field('Contraseña').fill(password);
        await person.button('Entrar').click();
      };

      await test.step('T1, T20: the wizard is the first page, and the panel has a way in of its own', async () => {
        await page.goto('/');
        await expect(page).toHaveURL(/\/facturar/);
        await page.getByRole('link', { name: 'Panel de control' }).click();
        await expect(person.heading('Panel de control de Facturas')).toBeVisible();
        await expect(person.main).toContainText('Captura los datos de tu cuenta');
        await examineSizes(page, 'the way into the panel');
      });
      await test.step('T21: wrong data are refused', async () => {
        await enter(RFC, 'no es esta');
        await expect(page.getByRole('alert')).toBeVisible();
      });
      await test.step('T17, T18: RFC and mail, and both of one account', async () => {
        await page.getByRole('link', { name: 'Recordar contraseña' }).click();
        await expect(person.heading('Recuperar contraseña')).toBeVisible();
        await examineSizes(page, 'the recovery');
        await person.button('Enviar').click();
        // The RFC is still there from the way in.
        await expect(page.getByRole('alert').getByRole('listitem')).toHaveCount(1);
        // A pair that is nobody's is answered in the same words.
        for (const email of ['nadie@correo.example', EMAIL]) {
          await person.field('RFC').fill(RFC);
          await person.field('Correo registrado').fill(email);
          await person.button('Enviar').click();
          await expect(person.heading('Revise su correo')).toBeVisible();
          if (email !== EMAIL) await person.button('Corregir los datos').click();
        }
      });
      await test.step('T19, T23: the temporary password signs in once, and is changed', async () => {
        const temporary = temporaryIn(await letterTo(request, EMAIL, /Contraseña temporal/));
        await page.goto('/entrar');
        await enter(RFC, temporary);
        await expect(person.heading('Elija su contraseña')).toBeVisible();
        await person.field('Contraseña nueva').fill('ajolote bajo la lluvia');
        await person.field('Repita la contraseña').fill('ajolote bajo la lluvi');
        await person.button('Guardar').click();
        await expect(page.getByRole('alert')).toContainText('dos veces');
        await person.field('Repita la contraseña').fill('ajolote bajo la lluvia');
        await person.button('Guardar').click();
      });
      await test.step('T21, T22: the panel', async () => {
        await expect(page).toHaveURL(/\/consultas/);
        const menu = page.getByRole('navigation', { name: size === 'phone' ? 'Principal, teléfono' : 'Principal', exact: true });
        await expect(menu).toContainText(size === 'phone' ? 'Panel' : 'Panel de control de Facturas');
        await expect(menu.getByRole('link', { name: size === 'phone' ? 'Contraseña' : 'Cambiar contraseña' })).toBeVisible();
        await examineSizes(page, 'the panel');
        await person.signOut().click();
        await expect(person.heading('Panel de control de Facturas')).toBeVisible();
        await enter(EMAIL, 'ajolote bajo la lluvia');
        await expect(page).toHaveURL(/\/consultas/);
      });
    });
  });
}
