// The payment portal's manual, its account steps (1 to 3) in order under its profile.
import { letterTo, lettersTo, linkIn, under } from '../support/manual.js';
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { SIZES, expect } from '../support/journey.js';

const test = under('canon');
const FIRST = 'ajolote bajo la lluvia';
const SECOND = 'tres faroles y un tranvía';

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(`the manual of the payment portal, ${size}`, () => {
    test.use({ viewport });

    test('K1 to K10: the first entry, the way back in, the four tabs', async ({ page, request, watch }) => {
      test.slow();
      watch.expectAnswer('/api/v1/sessions');
      const email = `canon-${size}-${Date.now()}@correo.example`;
      const [{ rfc, contract, customer }] = (await rehearsal(request)).registrable;
      const person = new Person(page);
      const enter = async (user, password) => {
        await person.field('Usuario').fill(user);
        await person.field('Contraseña').fill(password);
        await person.button('Iniciar sesión').click();
      };

      await test.step('K1, K5, K6: «Portal clientes», whom to write to, company and year', async () => {
        await page.goto('/');
        await expect(person.heading('Portal clientes')).toBeVisible();
        await expect(page.getByRole('link', { name: 'Recuperar contraseña' })).toBeVisible();
        await expect(person.main).toContainText('facturas@colibriazul.example');
        // The browser's year, whatever this machine's zone says on New Year's Eve.
        const year = await page.evaluate(() => new Date().getFullYear());
        await expect(person.main).toContainText(`Colibrí Azul © ${year}.`);
        await examineSizes(page, 'the first page');
      });
      const firstEntry = async (to) => {
        await enter(rfc, rfc.toLowerCase());
        await expect(person.heading('Entrar por primera vez')).toBeVisible();
        await expect(person.field('RFC')).toHaveValue(rfc);
        await page.getByLabel('Número de cliente o folio fiscal de una factura').fill(contract);
        await page.getByLabel('Correo electrónico').fill(to);
        await person.button('Enviar código').click();
        await expect(person.heading('Revise su correo')).toBeVisible();
      };
      await test.step('K2, K3: the RFC opens only the way to a code, which registers the mail', async () => {
        await enter(rfc, rfc);
        await expect(person.heading('Entrar por primera vez')).toBeVisible();
        await examineSizes(page, 'the first entry');
        await page.goto('/estados-de-cuenta');
        await expect(person.heading('Portal clientes')).toBeVisible();
        await firstEntry(email);
        await examineSizes(page, 'the code');
        const code = /(\d{3}) (\d{3})/.exec(await letterTo(request, email, /Código/)).slice(1).join('');
        await person.field('Código de 6 dígitos').fill(code);
        await person.field('Contraseña nueva').fill(FIRST);
        await person.button('Guardar y entrar').click();
      });
      await test.step('K7, K8, K9, K10: Estados de cuenta, four tabs, RFC and name, the way out', async () => {
        await expect(page).toHaveURL(/\/estados-de-cuenta/);
        const tabs = page.getByRole('navigation', { name: 'Principal', exact: true }).getByRole('link');
        await expect(tabs.first()).toHaveAttribute('aria-current', 'page');
        const names = ['ESTADOS DE CUENTA', 'FACTURAS', 'SALDOS', 'HISTORIAL DE PAGOS'];
        for (const [at, name] of names.entries()) await expect(tabs.nth(at)).toHaveText(name);
        await expect(person.main).toContainText(rfc);
        await expect(person.main).toContainText(customer);
        await examineSizes(page, 'Estados de cuenta');
        await person.signOut().click();
        await expect(person.heading('Portal clientes')).toBeVisible();
      });
      await test.step('K2: the RFC never works again', async () => {
        await firstEntry(`otro-${email}`);
        await page.goto('/entrar');
        await enter(rfc, FIRST);
        await expect(page).toHaveURL(/\/estados-de-cuenta/);
        expect(await lettersTo(request, `otro-${email}`)).toBe(0);
        await person.signOut().click();
      });
      await test.step('K4: recovery goes to the mail that was registered', async () => {
        await page.getByRole('link', { name: 'Recuperar contraseña' }).click();
        await person.field('Usuario').fill(rfc);
        await person.button('Enviar liga').click();
        await expect(person.heading('Revise su correo')).toBeVisible();
        await page.goto(linkIn(await letterTo(request, email, /\/recuperar\//), 'recuperar'));
        await person.field('Contraseña nueva').fill(SECOND);
        await person.button('Guardar y entrar').click();
        await expect(page).toHaveURL(/\/estados-de-cuenta/);
      });
    });
  });
}
