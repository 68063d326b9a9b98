// One's own data: the notice, a copy, a request and its answer, another address; and staff who look over the shoulder.
import { SIZES, examine, expect, test } from '../support/journey.js';
import { letterTo } from '../support/manual.js';
import { Person, colleague, examineSizes, rehearsal } from '../support/people.js';
import { ownServer } from '../support/server.js';
import { Clerk, staffOf } from '../support/staff.js';

test('anybody reads the notice, from the foot of any page', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('contentinfo').getByRole('link', { name: 'aviso de privacidad' }).click();
  await expect(page).toHaveURL(/\/aviso-de-privacidad$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Aviso de privacidad' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('es responsable de los datos personales');
  await examineSizes(page, 'the privacy notice');
});

test('a customer accepts the notice, takes their data and asks; staff answer', async ({ page, request, browser }, info) => {
  const { sign_ins: [owner] } = await rehearsal(request);
  const person = new Person(page);
  await person.signIn(owner, '/entrar?ir=/cuenta/privacidad');
  await expect(page.getByText('Versión').or(page.getByText('Falta que lo acepte')).first()).toBeVisible();
  await examineSizes(page, 'the privacy of an account');
  // What was accepted by a try before this one stays accepted.
  if (info.retry === 0) {
    await person.button('Aceptar').first().click();
    await expect(page.getByText('Quedó aceptado.')).toBeVisible();
  }

  const [download] = await Promise.all([page.waitForEvent('download'), person.button('Descargar mis datos').click()]);
  expect(download.suggestedFilename()).toMatch(/_datos_\d{4}-\d\d-\d\d\.json$/);

  await person.button('Enviar solicitud').click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await page.getByRole('radio', { name: /Rectificación/ }).check();
  const words = `Corrijan mi nombre, ${Date.now()}.`;
  await person.field('Su solicitud').fill(words);
  await examineSizes(page, 'a request about data');
  await person.button('Enviar solicitud').click();
  await expect(page.getByText('La respuesta llegará a más tardar el')).toBeVisible();
  await expect(page.getByText(words)).toBeVisible();

  const desk = await browser.newPage({ baseURL: ownServer().address });
  const clerk = new Clerk(desk, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  // The request went to the issuer that the customer's first contract is with.
  const { notices: [{ issuer }] } = await page.evaluate(async () => {
    const opened = await (await fetch('/api/v1/sessions/refreshes', { method: 'POST', headers: { 'X-Requested-With': 'ventanilla' } })).json();
    return (await fetch('/api/v1/privacy', { headers: { Authorization: `Bearer ${opened.access_token}` } })).json();
  });
  await desk.goto(`/consola/e/${issuer}/privacidad`);
  await expect(clerk.heading('Privacidad')).toBeVisible();
  // What was asked stands in a row of its own, under the request's.
  const row = desk.getByRole('row').filter({ hasText: words }).locator('xpath=preceding-sibling::tr[1]');
  await expect(row).toContainText('Por responder');
  await examineSizes(desk, 'requests about data');
  await row.getByRole('button', { name: 'Responder' }).click();
  await clerk.field('Respuesta').fill('Se corrigió.');
  await examineSizes(desk, 'an answer');
  await clerk.button('Enviar respuesta').click();
  await expect(desk.getByText('Se envió la respuesta.')).toBeVisible();
  await expect(row).toContainText('Procedente');

  await clerk.button('Publicar otra versión').click();
  await clerk.field('Texto del aviso').fill('Aviso nuevo.\n\nSegundo párrafo.');
  await examineSizes(desk, 'a notice to publish');
  await clerk.button('Publicar').click();
  await expect(desk.getByText(/Se publicó la versión \d+\./)).toBeVisible();
  await desk.close();
  await page.reload();
  await expect(page.getByText('Se corrigió.')).toBeVisible();
  await expect(page.getByText('Falta que lo acepte').first()).toBeVisible();
});

test('somebody changes their address, and back', async ({ page, request, email, watch }) => {
  const person = new Person(page);
  const { user } = await colleague(page, request, 'manatí en la laguna');
  await page.goto('/cuenta');
  watch.expectAnswer('/email-changes/confirmations');
  const change = async (to, wrongFirst) => {
    await person.button('Cambiar correo').click();
    await person.field('Correo nuevo').fill(to);
    await person.button('Enviar código').click();
    await expect(page.getByText(`Enviamos un código a ${to}.`)).toBeVisible();
    if (wrongFirst) {
      await person.field('Código de 6 dígitos').fill('000000');
      await person.button('Confirmar correo').click();
      await expect(page.getByRole('alert').first()).toBeVisible();
      await examineSizes(page, 'a code that does not match');
    }
    const [, code] = /Código:?\s+(\d{6})/.exec(await letterTo(request, to, /Código:?\s+\d{6}/));
    await person.field('Código de 6 dígitos').fill(code);
    await person.button('Confirmar correo').click();
    await expect(person.main).toContainText(to);
    await expect(person.button('Cambiar correo')).toBeVisible();
  };
  await change(email, true);
  await letterTo(request, user, /entra con otro correo/);
  await change(user, false);
});

test('staff see what a customer sees, and can only look', async ({ page, request }) => {
  const clerk = new Clerk(page, request);
  const { sign_ins: [account] } = await rehearsal(request);
  await clerk.signIn(await staffOf(request, 'staff'));
  await page.getByRole('searchbox').fill(account.user);
  await clerk.button('Buscar').click();
  await page.getByRole('link', { name: account.customer }).click();
  const [look] = await Promise.all([page.waitForEvent('popup'), clerk.button('Ver como este cliente').click()]);
  await expect(look.getByText(`Usted ve lo que ve ${account.customer}.`)).toBeVisible();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await look.setViewportSize(viewport);
    await examine(look, `a look at a customer's pages, ${size}`);
  }
  // Another program of the portal, and a reload, look on with the same.
  await look.getByRole('link', { name: 'Saldos' }).filter({ visible: true }).first().click();
  await expect(look).toHaveURL(/\/saldos$/);
  await expect(look.getByText(`Usted ve lo que ve ${account.customer}.`)).toBeVisible();
  await look.reload();
  await expect(look.getByText(`Usted ve lo que ve ${account.customer}.`)).toBeVisible();
  await expect(look.getByRole('link', { name: 'Mi cuenta' })).toHaveCount(0);
  // It leaves nothing that another page of the portal would take for a person who is signed in.
  expect(await look.evaluate(() => localStorage.getItem('ventanilla.signed-in'))).toBeNull();
  await look.getByRole('button', { name: 'Cerrar esta vista' }).filter({ visible: true }).first().click();
  await expect.poll(() => look.isClosed()).toBe(true);
});
