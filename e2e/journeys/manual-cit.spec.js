// The billing portal's manual, its account chapters in order under its profile.
import { letterTo, lettersTo, linkIn, temporaryIn, under } from '../support/manual.js';
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { SIZES, expect } from '../support/journey.js';

const test = under('cit');
const OWN = 'Zb4@kwqp';
const OTHER = 'Qx7#mrtv';

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(`the manual of the billing portal, ${size}`, () => {
    test.use({ viewport });
    // A customer is registered once: a server for each size.

    test('C3 to C29, C33, C46, C48: registering, the first entry, the password, the way back in', async ({ page, request, watch }) => {
      test.slow();
      watch.expectAnswer('/api/v1/sessions');
      watch.expectAnswer('/api/v1/registrations');
      // The rule of a profile is judged by the server alone.
      watch.expectAnswer('/api/v1/passwords/first');
      const email = `cit-${size}-${Date.now()}@correo.example`;
      const person = new Person(page);
      const enter = async (password) => {
        await person.field('Correo').fill(email);
        await person.field('Contraseña').fill(password);
        await page.keyboard.press('Enter'); // C5
      };

      await test.step('C2, C3, C4, C6, C7: the block «Clientes» at the right of the first page', async () => {
        await page.goto('/');
        await expect(person.heading('Clientes')).toBeVisible();
        await expect(page.getByRole('link', { name: '¿Olvidaste tu contraseña?' })).toBeVisible();
        const box = await person.field('Correo').boundingBox();
        if (size === 'desktop') expect(box.x).toBeGreaterThan(viewport.width / 2);
        await examineSizes(page, 'the first page');
      });
      await test.step('C8: wrong data are refused with words', async () => {
        await enter('no es esta');
        await expect(page.getByRole('alert')).toBeVisible();
      });

      const [{ rfc, contract }] = (await rehearsal(request)).registrable;
      const register = async (typed) => {
        await person.field('RFC').fill(typed.rfc ?? rfc);
        await person.field('Número de contrato').fill(typed.contract ?? contract);
        await person.field('Correo').fill(typed.email ?? email);
        await person.button('Guardar').click(); // C14
      };
      await test.step('C9 to C17: capitals count, and what matches is never said', async () => {
        await page.getByRole('link', { name: 'Registro Cliente Nuevo' }).click();
        await expect(person.heading('Registro')).toBeVisible();
        await expect(person.main).toContainText('Llene la siguiente información');
        await examineSizes(page, 'the registration');
        await register({ rfc: rfc.toLowerCase() });
        await expect(page.getByRole('alert')).toContainText('mayúsculas');
        const stranger = `otro-${email}`;
        await register({ contract: '999999', email: stranger });
        await expect(person.heading('Revise su correo')).toBeVisible();
        await person.button('Corregir los datos').click();
        await register({});
        await expect(person.heading('Revise su correo')).toBeVisible();
      });

      const letter = await letterTo(request, email, /De clic para terminar su registro/); // C18, C20
      expect(await lettersTo(request, `otro-${email}`)).toBe(0);
      expect(letter).toContain(email); // C13, C19
      const temporary = temporaryIn(letter);
      await test.step('C21, C22, C23: the link finishes the registration, and the logo leads home', async () => {
        await page.goto('/entrar');
        await enter(temporary);
        await expect(page.getByRole('alert')).toBeVisible();
        await page.goto(linkIn(letter, 'activar'));
        await expect(person.heading('Su registro se completó correctamente')).toBeVisible();
        await examineSizes(page, 'the registration is finished');
        await page.getByRole('banner').getByRole('link').first().click();
        await expect(person.heading('Clientes')).toBeVisible();
      });
      await test.step('C24 to C28: the temporary password, and one of exactly eight characters', async () => {
        await enter(temporary);
        await expect(person.heading('Elija su contraseña')).toBeVisible();
        await expect(person.button('Cerrar sesión')).toBeVisible();
        await examineSizes(page, 'the choice of a password');
        await page.goto('/consultas');
        await expect(person.heading('Elija su contraseña')).toBeVisible();
        for (const bad of ['Zb4@kwq', 'Zb4@kwqpx', 'zb4@kwqp', 'Zb4kwqpx']) {
          await person.field('Contraseña nueva').fill(bad);
          await person.field('Repita la contraseña').fill(bad);
          await person.button('Guardar').click();
          await expect(page.getByRole('alert')).toContainText('exactamente 8 caracteres');
        }
        await person.field('Contraseña nueva').fill(OWN);
        await person.field('Repita la contraseña').fill(OWN);
        await person.button('Guardar').click();
        await expect(page).toHaveURL(/\/consultas/);
      });
      await test.step('C29, C33: «Cliente» with «Consultas», and the four kinds', async () => {
        if (size === 'desktop') {
          const menu = page.getByRole('navigation', { name: 'Principal', exact: true });
          await expect(menu).toContainText(/^Cliente\s*Consultas/);
        }
        const kinds = page.getByLabel('Tipo de comprobante', { exact: true }).locator('option');
        await expect(kinds).toHaveCount(5);
        await expect(kinds.filter({ hasText: /omplemento/ })).toHaveCount(0);
        await examineSizes(page, 'Consultas');
      });
      await test.step('C46, C48: the way out, and a way back in with a link and a temporary password', async () => {
        await person.signOut().click();
        await expect(person.heading('Clientes')).toBeVisible();
        await page.getByRole('link', { name: '¿Olvidaste tu contraseña?' }).click();
        await page.getByLabel('Correo electrónico').fill(email);
        await person.button('Enviar').click();
        await expect(person.heading('Revise su correo')).toBeVisible();
        const back = await letterTo(request, email, /Abra la liga y entre con la contraseña temporal/);
        await page.goto(linkIn(back, 'recuperar'));
        await expect(person.heading('Ya puede usar su contraseña temporal')).toBeVisible();
        await page.getByRole('main').getByRole('link', { name: 'Entrar' }).click();
        await enter(temporaryIn(back));
        await expect(person.heading('Elija su contraseña')).toBeVisible();
        await person.field('Contraseña nueva').fill(OTHER);
        await person.field('Repita la contraseña').fill(OTHER);
        await person.button('Guardar').click();
        await expect(page).toHaveURL(/\/consultas/);
      });
    });
  });
}
