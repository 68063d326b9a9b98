// The manual of self-invoicing by ticket, its account chapters (III, IV, V) in order under its profile.
import { letterTo, temporaryIn, under } from '../support/manual.js';
import { Person, examineSizes } from '../support/people.js';
import { SIZES, expect } from '../support/journey.js';

const test = under('ticket');
const RFC = 'TAM010203ABA';
const EMAIL = 'lucia.ferran@arrayan.example';

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(`the manual of the tickets' portal, ${size}`, () => {
    test.use({ viewport });

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
