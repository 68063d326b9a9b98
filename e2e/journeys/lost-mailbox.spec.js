// Somebody who can no longer read their mailbox: asked for at the desk, confirmed in the new mailbox, and in with it.
import { expect, test } from '../support/journey.js';
import { Person, colleague, linkTo, rehearsal } from '../support/people.js';
import { ownServer } from '../support/server.js';
import { Clerk, staffOf } from '../support/staff.js';

// A contract of the demo's customer, as the person says it.
const CONTRACT = '005300';
const PASSWORD = 'pelícano frente al muelle';

test('whoever lost their mailbox is given another address, and signs in with it', async ({ browser, page, request }) => {
  // The person is elsewhere, in a browser of their own.
  const context = await browser.newContext({ baseURL: ownServer().address });
  const tab = await context.newPage();
  const person = new Person(tab);
  const before = await colleague(tab, request, PASSWORD);
  const now = `mudanza-${Date.now()}@correo.example`;

  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  const { sign_ins: [{ customer }] } = await rehearsal(request);
  await page.getByRole('link', { name: 'Clientes' }).first().click();
  await page.getByRole('searchbox').fill(before.user);
  await clerk.button('Buscar').click();
  await page.getByRole('link', { name: customer }).click();
  await clerk.button(`Acciones: ${before.user}`).click();
  const options = page.getByRole('dialog', { name: before.user, exact: true });
  await options.getByRole('button', { name: 'Cambiar su correo' }).click();
  await clerk.field('Correo nuevo').fill(now);
  await clerk.field('Contrato o folio fiscal').fill(CONTRACT);
  await clerk.button('Enviar liga').click();
  await expect(clerk.main).toContainText(`La liga va en camino a ${now}`);

  await tab.goto(await linkTo(request, now, 'cuenta/correo'));
  await expect(person.heading('Confirme su nuevo correo')).toBeVisible();
  await person.button('Confirmar este correo').click();
  await expect(person.heading('Su correo cambió')).toBeVisible();

  await person.signIn(before);
  await expect(tab.getByRole('alert')).toContainText('El usuario o la contraseña no coinciden.');
  await person.signIn({ user: now, password: PASSWORD });
  await expect(tab).toHaveURL(/\/inicio$/);
  await context.close();
});
