// What people come to do about who they are, within the clicks and keys that the product promises: a clerk about her account,
// support about a customer, an operator about the brand. The browser counts them.
import { Count } from '../support/count.js';
import { letterTo } from '../support/manual.js';
import { Person, colleague, rehearsal } from '../support/people.js';
import { expect, test } from '../support/journey.js';
import { Clerk, staffOf } from '../support/staff.js';
import { Truth } from '../support/truth.js';

test.setTimeout(150_000);

const account = (page) => page.getByRole('link', { name: 'Mi cuenta' }).first();

test('she gives a colleague access, and takes it back', async ({ page, request }) => {
  const count = await Count.on(page);
  const person = new Person(page);
  const email = `contada-${Date.now()}@correo.example`;
  await person.signIn((await rehearsal(request)).sign_ins.find(({ role }) => role === 'owner'));
  await expect(page).toHaveURL(/\/inicio$/);
  await count.task('give a colleague access', { clicks: 4, keys: 1 }, async () => {
    await account(page).click();
    await page.getByRole('navigation', { name: 'Mi cuenta', exact: true }).getByRole('link', { name: 'Usuarios' }).click();
    await person.button('Invitar').click();
    await expect(person.field('Correo electrónico')).toBeFocused();
    await count.paste(email);
    await page.keyboard.press('Enter');
  }, () => expect(page.getByText(`Se envió la invitación a ${email}.`)).toBeVisible());
  await count.task('take it back', { clicks: 1 }, async () => {
    await page.getByRole('row', { name: email }).getByRole('button', { name: 'Retirar invitación' }).click();
  }, () => expect(page.getByText(`Se retiró la invitación a ${email}.`)).toBeVisible());
});

test('she corrects the address of the next invoice, and her own mail', async ({ page, request }) => {
  const count = await Count.on(page);
  const person = new Person(page);
  const who = await colleague(page, request, 'garza blanca del estero');
  const { headers } = await Truth.of(request, who);
  const data = {
    nombre: 'TEXTILES ARRAYAN Y MIMBRE', regimen: '601', codigo_postal: '76230', uso: 'G03', email: who.user, language: 'es',
  };
  const known = await request.put('/api/v1/issuers/default/customer-receptor', {
    headers: { ...headers, 'X-Requested-With': 'ventanilla' },
    data,
  });
  expect(known.ok(), await known.text()).toBe(true);
  const card = page.getByRole('region', { name: 'Datos para facturar tickets' });
  await count.task('correct the address', { clicks: 4, keys: 5 }, async () => {
    await account(page).click();
    await card.getByRole('button', { name: 'Editar' }).click();
    // A field that Tab comes to is selected whole: what is typed takes its place.
    await person.type(person.field('Código postal fiscal'), '76000');
    await page.keyboard.press('Enter');
  }, () => expect(card).toContainText('Guardado. Vale para sus próximas facturas'));
  await expect(card).toContainText('76000');

  const next = `corregida-${Date.now()}@correo.example`;
  await page.goto('/inicio');
  await expect(account(page)).toBeVisible();
  await count.task('correct the mail', { clicks: 4, keys: 2 }, async () => {
    await account(page).click();
    await person.button('Cambiar correo').click();
    await expect(person.field('Correo nuevo')).toBeFocused();
    await count.paste(next);
    await page.keyboard.press('Enter');
    const [, code] = /Código:?\s+(\d{6})/.exec(await letterTo(request, next, /Código:?\s+\d{6}/));
    await expect(person.field('Código de 6 dígitos')).toBeFocused();
    await count.paste(code);
    await page.keyboard.press('Enter');
  }, () => expect(page.getByText('Su correo cambió.')).toBeVisible());
  await expect(person.main).toContainText(next);
});

test('support sees what a customer sees', async ({ page, request }) => {
  const count = await Count.on(page);
  const clerk = new Clerk(page, request);
  const { sign_ins: [{ user, customer }] } = await rehearsal(request);
  await clerk.signIn(await staffOf(request, 'staff'));
  await page.getByRole('searchbox').fill(user);
  await clerk.button('Buscar').click();
  await expect(page.getByRole('link', { name: customer })).toBeVisible();
  await count.task('see what a customer sees', { clicks: 2 }, async () => {
    await page.getByRole('link', { name: customer }).click();
    const [look] = await Promise.all([page.waitForEvent('popup'), clerk.button('Ver como este cliente').click()]);
    return look;
  }, (look) => expect(look.getByText(`Usted ve lo que ve ${customer}.`)).toBeVisible());
});

test('an operator changes the line at the foot, live at once', async ({ page, request }) => {
  const count = await Count.on(page);
  const clerk = new Clerk(page, request);
  const line = `Av. de las Garzas ${Date.now() % 1_000}`;
  const field = clerk.field('Texto al pie de las páginas');
  const saved = page.getByText('Se guardaron los cambios.');
  await clerk.signIn(await staffOf(request, 'operator'));
  await expect(page.getByRole('link', { name: 'Emisor y marca' }).first()).toBeVisible();
  let before;
  await count.task('change the brand', { clicks: 4, keys: 1 }, async () => {
    await page.getByRole('link', { name: 'Emisor y marca' }).first().click();
    before = await field.inputValue();
    await field.click();
    await page.keyboard.press('ControlOrMeta+a');
    await count.paste(line);
    await clerk.button('Guardar').click();
  }, () => expect(saved).toBeVisible());
  const guest = await page.context().newPage();
  await guest.goto('/');
  await expect(guest.getByRole('contentinfo')).toContainText(line);
  await guest.close();
  // What was saved is read again, and draws the form anew under whoever types on.
  await page.reload();
  await expect(field).toHaveValue(line);
  await field.fill(before);
  const put = page.waitForResponse((answer) => answer.request().method() === 'PUT');
  await clerk.button('Guardar').click();
  expect((await put).ok()).toBe(true);
});
