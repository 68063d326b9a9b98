// An account chapter of each manual by the keyboard alone: registering, the first entry, the way back in.
import { letterTo, linkIn, temporaryIn, under } from '../support/manual.js';
import { Person, rehearsal } from '../support/people.js';
import { expect } from '../support/journey.js';

const cit = under('cit');
const canon = under('canon');
const ticket = under('ticket');
const FIRST = 'ajolote bajo la lluvia';

cit('C9 to C28 by the keyboard: registering, the link, the temporary password and one of eight', async ({ page, request }) => {
  cit.slow();
  const email = `teclado-${Date.now()}@correo.example`;
  const [{ rfc, contract }] = (await rehearsal(request)).registrable;
  const person = new Person(page);
  await page.goto('/');
  await expect(person.heading('Clientes')).toBeVisible();
  await person.press(page.getByRole('link', { name: 'Registro Cliente Nuevo' }));
  await expect(person.heading('Registro')).toBeVisible();
  await person.type(person.field('RFC'), rfc);
  await person.type(person.field('Número de contrato'), contract);
  await person.type(person.field('Correo'), email);
  await page.keyboard.press('Enter');
  await expect(person.heading('Revise su correo')).toBeVisible({ timeout: 30_000 });

  const letter = await letterTo(request, email, /De clic para terminar su registro/);
  await page.goto(linkIn(letter, 'activar'));
  await expect(person.heading('Su registro se completó correctamente')).toBeVisible();
  await person.press(page.getByRole('banner').getByRole('link').first());
  await expect(person.heading('Clientes')).toBeVisible();
  await person.type(person.field('Correo'), email);
  await person.type(person.field('Contraseña'), temporaryIn(letter));
  await page.keyboard.press('Enter');
  await expect(person.heading('Elija su contraseña')).toBeVisible();
  await person.type(person.field('Contraseña nueva'), 'Zb4@kwqp');
  await person.type(person.field('Repita la contraseña'), 'Zb4@kwqp');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/consultas/);
  await person.press(person.signOut());
  await expect(person.heading('Clientes')).toBeVisible();
});

canon('K2, K3 by the keyboard: the RFC, the code, the first password', async ({ page, request, watch }) => {
  canon.slow();
  watch.expectAnswer('/api/v1/sessions');
  const email = `teclado-${Date.now()}@correo.example`;
  const [{ rfc, contract }] = (await rehearsal(request)).registrable;
  const person = new Person(page);
  await page.goto('/');
  await expect(person.heading('Portal clientes')).toBeVisible();
  await person.type(person.field('Usuario'), rfc);
  await person.type(person.field('Contraseña'), rfc);
  await page.keyboard.press('Enter');
  await expect(person.heading('Entrar por primera vez')).toBeVisible();
  await person.type(page.getByLabel('Número de cliente o folio fiscal de una factura'), contract);
  await person.type(page.getByLabel('Correo electrónico'), email);
  await page.keyboard.press('Enter');
  await expect(person.heading('Revise su correo')).toBeVisible({ timeout: 30_000 });
  const code = /(\d{3}) (\d{3})/.exec(await letterTo(request, email, /Código/)).slice(1).join('');
  await person.type(person.field('Código de 6 dígitos'), code);
  await person.type(person.field('Contraseña nueva'), FIRST);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/estados-de-cuenta/);
  await expect(person.main).toContainText(rfc);
});

ticket('T17 to T23 by the keyboard: RFC and mail, the temporary password, another one', async ({ page, request }) => {
  ticket.slow();
  const [rfc, email] = ['TAM010203ABA', 'lucia.ferran@arrayan.example'];
  const person = new Person(page);
  await page.goto('/');
  await person.press(page.getByRole('link', { name: 'Panel de control' }));
  await expect(person.heading('Panel de control de Facturas')).toBeVisible();
  await person.press(page.getByRole('link', { name: 'Recordar contraseña' }));
  await expect(person.heading('Recuperar contraseña')).toBeVisible();
  await person.type(person.field('RFC'), rfc);
  await person.type(person.field('Correo registrado'), email);
  await page.keyboard.press('Enter');
  await expect(person.heading('Revise su correo')).toBeVisible({ timeout: 30_000 });

  const temporary = temporaryIn(await letterTo(request, email, /Contraseña temporal/));
  await page.goto('/entrar');
  await expect(person.heading('Panel de control de Facturas')).toBeVisible();
  // What was typed before is still there.
  await person.reach(person.field('RFC o correo'));
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(rfc);
  await person.type(person.field('Contraseña'), temporary);
  await page.keyboard.press('Enter');
  await expect(person.heading('Elija su contraseña')).toBeVisible();
  await person.type(person.field('Contraseña nueva'), FIRST);
  await person.type(person.field('Repita la contraseña'), FIRST);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/consultas/);
});
