// What an attacker or a careless page would do to somebody at their browser; a name begins with the threat's number.
import { Person, colleague, invited, linkTo, rehearsal } from '../support/people.js';
import { expect, test } from '../support/journey.js';
import { appCode } from '../support/staff.js';

const PAGES = ['/', '/facturar/sucursal', '/mis-facturas', '/entrar', '/registro', '/recuperar', '/aviso-de-privacidad', '/consola/entrar'];

test('A5: whom others keep out gets in at once: the browser proves by itself that it is no robot', async ({ page, request, watch }) => {
  const [account] = (await rehearsal(request)).sign_ins;
  const invented = { user: `nadie-${Date.now()}@correo.example`, password: 'no es esta' };
  const guess = () => request.post('/api/v1/sessions', { headers: { 'X-Requested-With': 'ventanilla' }, data: invented });
  for (let n = 0; n < 5; n += 1) expect((await guess()).status()).toBe(401);
  const held = await guess();
  expect(held.status()).toBe(429);
  // All of a run's tries come from one address: what the server says to whom others keep out is said here in its place.
  const proofs = [];
  await page.route('**/api/v1/sessions', (route) => {
    const proof = route.request().headers()['x-proof-of-work'];
    if (!proof) return route.fulfill({ response: held });
    proofs.push(JSON.parse(Buffer.from(proof, 'base64')));
    return route.continue();
  });
  watch.expectAnswer('/api/v1/sessions');
  await new Person(page).signIn(account);
  await expect(page).toHaveURL(/\/inicio$/, { timeout: 30_000 });
  expect(proofs.map(({ salt }) => salt)).toEqual([expect.stringMatching(/&flow=sign_in$/)]);
});

test('S2: what is typed into an address or a field is text and never runs', async ({ page, watch }) => {
  const script = '<svg onload=globalThis.ran=1>';
  for (const at of [`/entrar?ir=${encodeURIComponent('javascript:globalThis.ran=1')}`, `/buzon?q=${encodeURIComponent(script)}`]) {
    await page.goto(at);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => globalThis.ran)).toBeUndefined();
  }
  watch.expectAnswer('/api/v1/sessions');
  const person = new Person(page);
  await page.goto('/entrar');
  await person.fillSignIn({ user: script, password: script });
  await person.button('Entrar').click();
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await page.evaluate(() => globalThis.ran)).toBeUndefined();
});

test('S5: whoever leaves takes their data out of the browser', async ({ page, request, watch }) => {
  const person = new Person(page);
  const [account] = (await rehearsal(request)).sign_ins;
  await person.signIn(account);
  await expect(page).toHaveURL(/\/inicio$/);
  watch.expectAnswer('/api/v1/sessions/refreshes');
  await person.signOut().click();
  await expect(person.heading('Entrar al portal')).toBeVisible();
  const kept = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, await caches.keys()]));
  expect(kept).not.toContain(account.user);
  expect(kept).not.toContain(account.customer);
  expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('ventanilla_session');
});

test('S6: every page asks only its own site', async ({ page, baseURL, watch }) => {
  // Nobody has proved a mailbox yet.
  watch.expectAnswer('/my-invoices');
  const strangers = [];
  page.on('request', (asked) => {
    const { origin, protocol } = new URL(asked.url());
    if (protocol.startsWith('http') && origin !== new URL(baseURL).origin) strangers.push(asked.url());
  });
  for (const at of PAGES) {
    await page.goto(at);
    await expect(page.getByRole('heading', { level: 1 }).first(), at).toBeVisible();
  }
  expect(strangers).toEqual([]);
});

// Pastes into a field that tells a manager what it is for.
async function pastes(page, field, autocomplete, words) {
  await expect(field).toHaveAttribute('autocomplete', autocomplete);
  await page.evaluate((text) => navigator.clipboard.writeText(text), words);
  await field.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
  await expect(field).toHaveValue(words);
}

test('S7: so are the fields of whoever comes in for the first time, or back', async ({ page, request, context }) => {
  test.slow();
  const person = new Person(page);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/registro');
  await pastes(page, person.field('RFC'), 'off', 'CHI1203155K7');
  await pastes(page, person.field('Número de contrato'), 'off', '000781');
  await pastes(page, person.field('Correo electrónico'), 'email', 'alguien@correo.example');

  const { email, link } = await invited(request);
  await page.goto(link);
  await pastes(page, person.field('Contraseña nueva'), 'new-password', 'garza sobre el manglar');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/inicio$/);
  await page.goto('/cuenta');
  await person.button('Cambiar correo').click();
  await pastes(page, person.field('Correo nuevo'), 'email', `otro-${email}`);
  await page.keyboard.press('Enter');
  await pastes(page, person.field('Código de 6 dígitos'), 'one-time-code', '123456');

  await page.goto('/recuperar');
  await pastes(page, person.field('Correo electrónico'), 'username', email);
  await page.keyboard.press('Enter');
  await expect(person.heading('Revise su correo')).toBeVisible({ timeout: 30_000 });
  await page.goto(await linkTo(request, email, 'recuperar'));
  await pastes(page, person.field('Contraseña nueva'), 'new-password', 'tres faroles y un tranvía');
});

test('S7: and the fields of the second step', async ({ page, request, context }) => {
  test.slow();
  const person = new Person(page);
  const account = await colleague(page, request, 'cormorán de la laguna');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/cuenta/seguridad');
  await person.button('Activar').click();
  const code = person.field('Código de 6 dígitos');
  await pastes(page, code, 'one-time-code', appCode(await person.main.locator('.support .mono').first().innerText()));
  await page.keyboard.press('Enter');
  await person.button('Ya los guardé').click();
  await person.signOut().click();
  await person.fillSignIn(account);
  await person.button('Entrar').click();
  await expect(person.heading('Escriba su código')).toBeVisible();
  await pastes(page, code, 'one-time-code', '123456');
});

test('S7: passwords are pasted, and managers know which field is which', async ({ page, request, context }) => {
  const person = new Person(page);
  const [account] = (await rehearsal(request)).sign_ins;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/entrar');
  await expect(person.field('Correo electrónico')).toHaveAttribute('autocomplete', 'username');
  await expect(person.field('Contraseña')).toHaveAttribute('autocomplete', 'current-password');
  for (const [name, words] of [['Correo electrónico', account.user], ['Contraseña', account.password]]) {
    await page.evaluate((text) => navigator.clipboard.writeText(text), words);
    await person.field(name).focus();
    await page.keyboard.press('ControlOrMeta+v');
    await expect(person.field(name)).toHaveValue(words);
  }
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/inicio$/);
  await page.goto('/cuenta/seguridad');
  await expect(person.field('Contraseña actual')).toHaveAttribute('autocomplete', 'current-password');
  await expect(person.field('Contraseña nueva')).toHaveAttribute('autocomplete', 'new-password');
});
