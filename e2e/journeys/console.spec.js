// The console: whoever works for an issuer comes in with password and code, and works with what their role lets them.
import { SIZES, expect, test } from '../support/journey.js';
import { examineSizes, linkTo, rehearsal } from '../support/people.js';
import { Clerk, appCode, staffOf } from '../support/staff.js';

test.describe('people of an issuer', () => {
  // Who was invited is removed at the end: the journeys follow one another.
  test.describe.configure({ mode: 'serial' });
  const email = `personal-${Date.now()}@correo.example`;
  const password = 'garza sobre el manglar';

  test('an operator comes in with password and code, and invites somebody', async ({ page, request, watch }) => {
    const clerk = new Clerk(page, request);
    const operator = await staffOf(request, 'operator');
    watch.expectAnswer('/api/v1/console/sessions/second-steps');
    watch.expectAnswer('/api/v1/console/sessions/refreshes');
    await page.goto('/consola');
    await expect(page).toHaveURL(/\/consola\/entrar\?ir=/);
    await expect(clerk.field('Correo electrónico')).toBeFocused();
    await examineSizes(page, "the console's way in");

    await clerk.fillPassword(operator);
    await expect(clerk.field('Código de 6 dígitos')).toBeFocused();
    await clerk.field('Código de 6 dígitos').fill('000000');
    await clerk.button('Entrar').click();
    await expect(page.getByRole('alert')).toContainText('El código no coincide.');
    await examineSizes(page, 'a code that was refused');
    await page.getByRole('button', { name: 'Use un código de respaldo' }).click();
    await expect(clerk.field('Código de respaldo')).toBeFocused();

    await clerk.signIn(operator, '/consola/entrar?ir=/consola/seguridad');
    await expect(page).toHaveURL(/\/consola\/seguridad$/);
    await expect(clerk.main).toContainText('Activo desde el');
    await expect(clerk.main).toContainText('Esta sesión');
    await examineSizes(page, "the console's security page");

    await page.getByRole('link', { name: 'Personal' }).first().click();
    await expect(clerk.heading('Personal')).toBeVisible();
    await expect(clerk.main).toBeFocused();
    await expect(clerk.main).toContainText(operator.user);
    await examineSizes(page, 'the staff');

    await clerk.button('Invitar').click();
    await clerk.button('Enviar invitación').click();
    await expect(page.getByRole('alert')).toBeFocused();
    await clerk.field('Correo electrónico').fill(email);
    await examineSizes(page, 'an invitation');
    await clerk.button('Enviar invitación').click();
    await expect(page.getByText(`Se envió la invitación a ${email}.`)).toBeVisible();
    await expect(page.getByRole('row', { name: email })).toContainText('Invitada');
  });

  test('who was invited sets the code up before anything else', async ({ page, request, watch }) => {
    const clerk = new Clerk(page, request);
    watch.expectAnswer('/api/v1/second-factor/confirmations');
    await page.goto(await linkTo(request, email, 'consola/invitacion'));
    await expect(clerk.heading('Bienvenido a la consola')).toBeVisible();
    await expect(page).toHaveURL(/\/consola\/invitacion\/liga$/);
    await examineSizes(page, 'the invitation');
    await clerk.field('Contraseña nueva').fill(password);
    await clerk.button('Guardar y entrar').click();

    await expect(clerk.heading('Active su segundo paso')).toBeVisible();
    await expect(page.getByRole('img', { name: /aplicación de códigos/ })).toBeVisible();
    await examineSizes(page, 'setting the code up');
    // Another address leads nowhere else.
    await page.goto('/consola/seguridad');
    await expect(clerk.heading('Active su segundo paso')).toBeVisible();
    await clerk.field('Código de 6 dígitos').fill('123');
    await clerk.button('Confirmar código').click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    const secret = await clerk.main.locator('.support .mono').first().innerText();
    await clerk.field('Código de 6 dígitos').fill(appCode(secret));
    await clerk.button('Confirmar código').click();
    await expect(page.getByText('Guarde sus códigos de respaldo.')).toBeVisible();
    await expect(clerk.main.locator('.codes li')).toHaveCount(10);
    await examineSizes(page, 'the recovery codes');
    await clerk.button('Ya los guardé').click();

    await page.getByRole('link', { name: 'Personal' }).first().click();
    await expect(page.getByRole('row', { name: email })).toContainText('Activa');
    // Support looks; it neither invites nor changes anybody.
    await expect(clerk.button('Invitar')).toHaveCount(0);
    await expect(page.getByRole('columnheader', { name: 'Acciones' })).toHaveCount(0);
  });

  test('an operator removes somebody, after saying so twice', async ({ page, request }) => {
    const clerk = new Clerk(page, request);
    await clerk.signIn(await staffOf(request, 'operator'));
    await page.getByRole('link', { name: 'Personal' }).first().click();
    const row = page.getByRole('row', { name: email });
    await clerk.button(`Acciones: ${email}`).click();
    const options = page.getByRole('dialog', { name: email, exact: true });
    await expect(options).toBeVisible();
    await examineSizes(page, 'what can be done with somebody');
    await options.getByRole('button', { name: 'Quitar' }).click();
    const question = page.getByRole('dialog', { name: `¿Quitar a ${email}?` });
    await expect(question).toBeVisible();
    await examineSizes(page, 'the question');
    await page.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await expect(row).toBeVisible();
    await clerk.button(`Acciones: ${email}`).click();
    await options.getByRole('button', { name: 'Quitar' }).click();
    await question.getByRole('button', { name: 'Quitar' }).click();
    const said = page.getByRole('status').filter({ hasText: `${email} ya no trabaja para este emisor.` });
    await expect(said).toBeVisible();
    await expect(row).toHaveCount(0);
    // The row is gone with what was pressed: the focus is where it says what was done.
    await expect(said).toBeFocused();
  });
});

test('support finds a customer, sees who has access, and helps somebody back in', async ({ page, request }) => {
  const clerk = new Clerk(page, request);
  const { sign_ins: [account] } = await rehearsal(request);
  await clerk.signIn(await staffOf(request, 'staff'));
  await expect(clerk.heading('Clientes')).toBeVisible();
  await examineSizes(page, 'the customers');

  await page.getByRole('searchbox').fill('nadie se llama así');
  await page.keyboard.press('Enter');
  await expect(clerk.main).toContainText('Ningún cliente coincide');
  await expect(page).toHaveURL(/\?q=nadie/);
  await examineSizes(page, 'no customer');
  await clerk.button('Ver todos').click();
  await page.getByRole('searchbox').fill(account.user);
  await clerk.button('Buscar').click();
  await page.getByRole('link', { name: account.customer }).click();
  await expect(clerk.heading(account.customer)).toBeVisible();
  await expect(page.getByRole('row', { name: account.user })).toContainText('Activo');
  await examineSizes(page, 'a customer');

  await clerk.button(`Acciones: ${account.user}`).click();
  const options = page.getByRole('dialog', { name: account.user, exact: true });
  // Support helps; permissions are for who administers.
  await expect(options.getByRole('button', { name: 'Quitar acceso' })).toHaveCount(0);
  await options.getByRole('button', { name: 'Enviar liga de contraseña' }).click();
  await expect(page.getByText(`Se envió a ${account.user} la liga`)).toBeVisible();
  await linkTo(request, account.user, 'recuperar');

  // A customer that no ERP brings is typed in; its people register by the number.
  await page.getByRole('link', { name: 'Clientes' }).first().click();
  await expect(clerk.heading('Clientes')).toBeVisible();
  await clerk.button('Nuevo cliente').click();
  await expect(clerk.field('RFC')).toBeFocused();
  await examineSizes(page, 'a customer to add');
  await clerk.button('Agregar cliente').click();
  await expect(page.getByRole('alert')).toBeFocused();
  await clerk.field('RFC').fill('AOM1707203N1');
  await clerk.field('Nombre o razón social').fill('ABARROTES OCHO MARES');
  await page.getByLabel('Régimen fiscal').selectOption('601');
  await clerk.field('Código postal').fill('06010');
  await clerk.field('Contratos').fill('OCHO-1');
  await clerk.button('Agregar cliente').click();
  await expect(page.getByRole('status').filter({ hasText: 'AOM1707203N1' })).toBeVisible();
  await expect(page.getByRole('row', { name: 'ABARROTES OCHO MARES' })).toContainText('Sin confirmar');
  await clerk.button('Sin confirmar').click();
  await expect(page).toHaveURL(/\?estado=unconfirmed&q=AOM1707203N1$/);
  await expect(page.getByRole('row', { name: 'ABARROTES OCHO MARES' })).toBeVisible();
  await examineSizes(page, 'customers whom nobody registered');

  // An address that was typed for one first entry never waits in the form of another.
  await page.getByRole('link', { name: 'ABARROTES OCHO MARES' }).click();
  await expect(clerk.heading('ABARROTES OCHO MARES')).toBeVisible();
  await clerk.button('Enviar liga de entrada').click();
  await clerk.field('Correo electrónico').fill('contadora@cliente-a.example');
  await clerk.button('Cancelar').click();
  await expect(clerk.field('Correo electrónico')).toHaveCount(0);
  await clerk.button('Enviar liga de entrada').click();
  await expect(clerk.field('Correo electrónico')).toHaveValue('');

  // One that went to a wrong address is taken back.
  const wrong = `liga${Date.now()}@cliente-a.example`;
  await clerk.field('Correo electrónico').fill(wrong);
  await clerk.button('Enviar liga').click();
  await expect(page.getByRole('status').filter({ hasText: `Se envió la liga a ${wrong}.` })).toBeVisible();
  await expect(page.getByRole('row', { name: wrong })).toBeVisible();
  await examineSizes(page, 'links of a first entry');
  await clerk.button(`Anular: ${wrong}`).click();
  const question = page.getByRole('dialog', { name: `¿Anular la liga de ${wrong}?` });
  await question.getByRole('button', { name: 'Anular', exact: true }).click();
  const revoked = page.getByRole('status').filter({ hasText: `Se anuló la liga de ${wrong}.` });
  await expect(revoked).toBeVisible();
  await expect(page.getByRole('row', { name: wrong })).toHaveCount(0);
  await expect(revoked).toBeFocused();
});

test('who administers reads what was done, and begins another address for who lost theirs', async ({ page, request, watch }) => {
  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  await page.getByRole('link', { name: 'Bitácora' }).first().click();
  await expect(clerk.heading('Bitácora')).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await examineSizes(page, 'the log');
  await page.getByRole('searchbox').fill('not_found 01937f3e-0000-7000-8000-000000000001');
  await page.keyboard.press('Enter');
  await expect(clerk.main).toContainText('Ningún acto de esa solicitud');
  await expect(page.getByRole('link', { name: 'Qué significa not_found' })).toHaveAttribute('href', '/problems/not_found');
  await examineSizes(page, 'no act of a request');
  await clerk.button('Ver todos').click();
  await expect(page.getByRole('row').nth(1)).toBeVisible();

  // Nothing is begun by what is not the customer's.
  const { sign_ins: [account] } = await rehearsal(request);
  await page.getByRole('link', { name: 'Clientes' }).first().click();
  await page.getByRole('searchbox').fill(account.user);
  await clerk.button('Buscar').click();
  await page.getByRole('link', { name: account.customer }).click();
  await clerk.button(`Acciones: ${account.user}`).click();
  const options = page.getByRole('dialog', { name: account.user, exact: true });
  await options.getByRole('button', { name: 'Cambiar su correo' }).click();
  await expect(page.getByRole('heading', { name: `Otro correo para ${account.user}` })).toBeVisible();
  await clerk.field('Correo nuevo').fill('otro@correo.example');
  await clerk.field('Contrato o folio fiscal').fill('no es suyo');
  await examineSizes(page, 'another address for somebody');
  watch.expectAnswer('/email-changes');
  await clerk.button('Enviar liga').click();
  await expect(page.getByRole('alert')).toContainText('Ese dato no es de este cliente.');
  await clerk.button('Cancelar').click();
  await expect(clerk.field('Correo nuevo')).toHaveCount(0);

  // Where the letter's link leads: a mail scanner that opens it changes nothing.
  watch.expectAnswer('/api/v1/email-change-links/confirmations');
  await page.goto(`/cuenta/correo/${'0f'.repeat(32)}`);
  await expect(clerk.heading('Confirme su nuevo correo')).toBeVisible();
  await expect(page).toHaveURL(/\/cuenta\/correo\/liga$/);
  await examineSizes(page, 'the link to a new address');
  await clerk.button('Confirmar este correo').click();
  await expect(page.getByRole('alert')).toContainText('La liga ya no sirve.');
  await page.goto('/cuenta/correo');
  await expect(clerk.heading('Abra otra vez la liga de su correo')).toBeVisible();
});

test('who administers makes a key, whose secret is seen once, and ends it', async ({ page, request }) => {
  const clerk = new Clerk(page, request);
  const name = `Caja ${Date.now()}`;
  await clerk.signIn(await staffOf(request, 'operator'));
  await page.getByRole('link', { name: 'Llaves de API' }).first().click();
  await expect(clerk.heading('Llaves de API')).toBeVisible();
  await examineSizes(page, 'the keys');
  await page.getByRole('button', { name: 'Crear llave', exact: true }).click();
  await clerk.field('Nombre').fill(name);
  await page.getByRole('checkbox', { name: 'tickets:write' }).check();
  await examineSizes(page, 'a key to make');
  await page.getByRole('button', { name: 'Crear llave', exact: true }).last().click();
  await expect(page.getByText('Llave creada. Cópiela ahora: no se vuelve a mostrar.')).toBeVisible();
  await expect(page.locator('.secret')).toContainText('vk_test_');
  await examineSizes(page, 'the secret of a key');
  await clerk.button('Ya la guardé').click();
  await expect(page.locator('.secret')).toHaveCount(0);
  const row = page.getByRole('row', { name });
  await row.getByRole('button', { name: 'Revocar' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revocar' }).click();
  await expect(row).toContainText('Revocada');
  // The other kind of key, on the same page: a till's, for one branch.
  await clerk.button('Crear llave de caja').click();
  await clerk.field('Nombre').fill(`${name} QR`);
  await page.getByLabel('Sucursal').selectOption({ label: 'Centro Histórico' });
  await examineSizes(page, 'a till key to make');
  await page.getByRole('button', { name: 'Crear llave', exact: true }).last().click();
  await expect(page.locator('.secret')).toContainText('vts_');
  await clerk.button('Ya la guardé').click();
  const till = page.getByRole('row', { name: `${name} QR` });
  await expect(till).toContainText('Centro Histórico');
  await till.getByRole('button', { name: 'Revocar' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revocar' }).click();
  await expect(till).toContainText('Revocada');
});

test('who administers adds a webhook and sees what was sent', async ({ page, request }) => {
  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  await page.getByRole('link', { name: 'Webhooks' }).first().click();
  await expect(clerk.heading('Webhooks')).toBeVisible();
  await examineSizes(page, 'the webhooks');
  await clerk.button('Agregar dirección').click();
  await clerk.field('Dirección (URL)').fill('http://localhost:9/ventanilla');
  await examineSizes(page, 'a webhook to add');
  await clerk.button('Guardar').click();
  await expect(page.getByText('Se guardó la dirección.')).toBeVisible();
  await clerk.button('Ya lo guardé').click();
  await expect(page.getByRole('heading', { name: 'Entregas' })).toBeVisible();
  await examineSizes(page, 'a webhook and its deliveries');
  // Nobody listens there: the delivery waits, and can be sent again without waiting for its turn.
  await clerk.button('Enviar prueba').click();
  await clerk.button('Ver webhook.test').first().click();
  await expect(page.getByRole('heading', { name: 'webhook.test' })).toBeVisible();
  await clerk.button('Reenviar ahora').click();
  await expect(page.getByText('Se enviará otra vez.')).toBeVisible();
  // From the top: half behind the head of the page, a button would be judged by its other half.
  await page.evaluate(() => scrollTo(0, 0));
  await examineSizes(page, 'a delivery that waits');
});

test.describe('on a phone', () => {
  test.use({ viewport: SIZES.phone });

  test('support finds the way behind the menu, in both languages, and leaves nothing behind', async ({ page, request, watch }) => {
    const clerk = new Clerk(page, request);
    const desk = await staffOf(request, 'staff');
    await clerk.fillPassword(desk);
    await examineSizes(page, 'the code');
    await clerk.fillCode(desk);
    await page.locator('summary', { hasText: 'Menú' }).click();
    await page.getByRole('navigation', { name: 'Menú' }).getByRole('link', { name: 'Seguridad' }).click();
    await expect(clerk.heading('Seguridad')).toBeVisible();
    // It has led somewhere, and lies over nothing.
    await expect(page.locator('details.menu')).not.toHaveAttribute('open');
    await page.locator('summary', { hasText: 'Menú' }).click();
    await expect(page.locator('details.menu')).toHaveAttribute('open');
    await page.keyboard.press('Escape');
    await expect(page.locator('details.menu')).not.toHaveAttribute('open');
    await page.getByRole('button', { name: 'English' }).click();
    await expect(clerk.heading('Security')).toBeVisible();
    await page.getByRole('button', { name: 'Español' }).click();

    // Another issuer's console is not there.
    await page.goto('/consola/e/no-es-suya/personal');
    await expect(clerk.heading('No encontramos esta página')).toBeVisible();
    await examineSizes(page, 'a page that is not theirs');

    watch.expectAnswer('/api/v1/console/sessions/refreshes');
    await page.locator('summary', { hasText: 'Menú' }).click();
    await page.getByRole('button', { name: 'Cerrar sesión' }).filter({ visible: true }).click();
    await expect(clerk.heading('Entrar a la consola')).toBeVisible();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept).not.toContain(desk.user);
    await page.goBack();
    await expect(clerk.heading('Entrar a la consola')).toBeVisible();
  });
});
