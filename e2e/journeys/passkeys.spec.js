// Passkeys, with Chromium's own virtual authenticator: added, used in place of the code and in place of everything, removed.
import { Clerk, staffOf } from '../support/staff.js';
import { Person, colleague, examineSizes } from '../support/people.js';
import { expect, tabTo, test } from '../support/journey.js';

// A device that makes sure of its person and keeps keys by itself, as a phone does.
async function device(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  return {
    refuse: () => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false }),
    accept: () => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true }),
  };
}

test('a customer adds a passkey, enters with it in both ways, and takes it away', async ({ page, request, watch }) => {
  const person = new Person(page);
  const account = await colleague(page, request, 'tortuga en la playa larga');
  const phone = await device(page);
  await page.goto('/cuenta/seguridad');
  await expect(page.getByRole('heading', { name: 'Llaves de acceso' })).toBeVisible();
  await person.button('Agregar llave de acceso').click();
  await expect(page.getByRole('alert')).toBeFocused();
  // By the keyboard alone.
  await person.field('Nombre de la llave').focus();
  await page.keyboard.type('Teléfono de prueba');
  await page.keyboard.press('Enter');
  await expect(person.main).toContainText('Guarde sus códigos de respaldo');
  await expect(person.main.locator('.codes li')).toHaveCount(10);
  await examineSizes(page, 'the codes after the first passkey');
  await person.button('Ya los guardé').click();
  await expect(page.getByRole('button', { name: 'Quitar Teléfono de prueba' })).toBeVisible();
  await examineSizes(page, 'the passkeys');

  watch.expectAnswer('/api/v1/sessions/refreshes');
  await person.signOut().click();
  await person.fillSignIn(account);
  await person.button('Entrar').click();
  await expect(person.heading('Escriba su código')).toBeVisible();
  await examineSizes(page, 'the second step with a passkey');
  watch.expectAnswer('/api/v1/sessions/second-steps/passkeys');
  await phone.refuse();
  await person.button('Entrar con llave de acceso').click();
  await expect(page.getByRole('alert')).toContainText('La llave de acceso no sirvió');
  await phone.accept();
  await person.button('Entrar con llave de acceso').click();
  await expect(page).toHaveURL(/\/inicio$/);

  await person.signOut().click();
  await expect(person.heading('Entrar al portal')).toBeVisible();
  await tabTo(page, person.button('Entrar con llave de acceso'));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/inicio$/);

  await page.goto('/cuenta/seguridad');
  // As if the last proof were ten minutes old: this once the server is said to ask for one. The rest is its own answer.
  watch.expectAnswer('/api/v1/passkeys/');
  const needed = { type: '', title: '', status: 403, code: 'proof_needed' };
  const asks = { status: 403, contentType: 'application/problem+json', body: JSON.stringify(needed) };
  await page.route('**/api/v1/passkeys/*', (route) => route.fulfill(asks), { times: 1 });
  await page.getByRole('button', { name: 'Quitar Teléfono de prueba' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading', { name: 'Confirme que es usted' })).toBeVisible();
  const byPasskey = dialog.getByRole('button', { name: 'Usar una llave de acceso' });
  await expect(byPasskey).toBeVisible();
  await examineSizes(page, 'the proof with a passkey');
  watch.expectAnswer('/api/v1/sessions/current/proofs/passkeys');
  await phone.refuse();
  await byPasskey.click();
  await expect(dialog.getByRole('alert')).toContainText('La llave de acceso no sirvió');
  await phone.accept();
  await tabTo(page, byPasskey);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(person.main).toContainText('Se quitó la llave de acceso.');
  await person.signOut().click();
  await person.fillSignIn(account);
  await person.button('Entrar').click();
  await expect(page).toHaveURL(/\/inicio$/);
});

test('staff enter the console with a passkey beside their codes', async ({ page, request, watch }) => {
  const clerk = new Clerk(page, request);
  const account = await staffOf(request, 'staff');
  const name = `Llavero ${Date.now()}`;
  await device(page);
  await clerk.signIn(account);
  await page.goto('/consola/seguridad');
  await expect(page.getByRole('heading', { name: 'Correo para entrar' })).toBeVisible();
  await clerk.field('Nombre de la llave').fill(name);
  await clerk.button('Agregar llave de acceso').click();
  // The rehearsal's staff have had no codes of recovery until now; another try before this one may have brought them.
  const [shown, added] = [clerk.button('Ya los guardé'), clerk.button(`Quitar ${name}`)];
  await expect(shown.or(added).first()).toBeVisible();
  if (await shown.isVisible()) await shown.click();
  await expect(added).toBeVisible();
  await examineSizes(page, "staff's own page");
  watch.expectAnswer('/api/v1/console/sessions/refreshes');
  await clerk.signOut().click();
  await clerk.fillPassword(account);
  await clerk.button('Entrar con llave de acceso').click();
  await expect(page).not.toHaveURL(/\/consola(\/entrar.*)?$/);
  await page.goto('/consola/seguridad');
  await added.click();
  await expect(clerk.main).toContainText('Se quitó la llave de acceso.');
});
