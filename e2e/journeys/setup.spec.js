// An issuer set up in the browser, from an empty house to a stamped invoice.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Guest } from '../support/guest.js';
import { expect, test as shared } from '../support/journey.js';
import { examineSizes } from '../support/people.js';
import { begin } from '../support/server.js';
import { Clerk, appCode, staffOf } from '../support/staff.js';

const RFC = 'SCA010101AA4';
const BRANCH = 'Centro';
const ORDER = 'A-1';

const test = shared.extend({
  house: async ({}, use) => {
    const house = await begin({ empty: true });
    const run = (...args) => {
      const env = { ...process.env, VENTANILLA_DATA_DIR: house.folder, VENTANILLA_REHEARSAL: 'true' };
      const { status, stdout, stderr } = spawnSync(process.env.E2E_SERVER, args, { env, encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    await use({ ...house, run });
    await house.end();
  },
  baseURL: async ({ house }, use) => use(house.address),
});

test('an empty house becomes one that stamps, without a command but the first', async ({ page, request, watch, house, email }) => {
  test.setTimeout(180_000);
  const clerk = new Clerk(page, request);
  watch.expectAnswer('/api/v1/issuers/default');
  watch.expectAnswer('/api/v1/console/issuers');
  watch.expectAnswer('/api/v1/brand');
  watch.expectAnswer('/brand/');
  const { link } = house.run('staff', 'invite', 'olga@fundadora.example');
  await page.goto(new URL(link).pathname);
  await clerk.field('Contraseña nueva').fill('garza sobre el manglar');
  await clerk.button('Guardar y entrar').click();
  await expect(clerk.heading('Active su segundo paso')).toBeVisible();
  await expect(page.getByText('PRUEBAS').first()).toBeVisible();
  const secret = await clerk.main.locator('.support .mono').first().innerText();
  await clerk.field('Código de 6 dígitos').fill(appCode(secret));
  await clerk.button('Confirmar código').click();
  await clerk.button('Ya los guardé').click();

  await expect(clerk.heading('Nuevo emisor')).toBeVisible();
  await clerk.button('Crear emisor').click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await examineSizes(page, 'an issuer that lacks everything');
  await clerk.field('RFC').fill(RFC);
  await clerk.field('Nombre o razón social').fill('SUMINISTROS COLIBRI AZUL');
  await clerk.field('Régimen fiscal').selectOption('601');
  await clerk.field('Nombre en las direcciones').fill('colibri');
  await clerk.field('Nombre comercial').fill('Colibrí Azul');
  await clerk.field('Correo de soporte').fill('ayuda@colibri.example');
  await clerk.field('Color de marca').fill('#ffb000');
  await expect(clerk.main).toContainText('Es un color claro');
  await clerk.button('Agave').click();
  await expect(clerk.field('Color de marca')).toHaveValue('#8bc53f');
  await clerk.field('Domicilio fiscal').fill('Calle 1\nCiudad de México');
  // What was typed is there after a reload.
  await page.reload();
  await expect(clerk.field('Nombre comercial')).toHaveValue('Colibrí Azul');
  await clerk.button('Crear emisor').click();

  await expect(clerk.heading('Nueva sucursal')).toBeVisible();
  await clerk.field('Nombre').fill(BRANCH);
  await clerk.field('Código postal').fill('06010');
  await clerk.field('Ciudad y estado').fill('Ciudad de México');
  await clerk.field('Serie').fill('CE');
  await clerk.field('Encabezado').fill('COLIBRÍ AZUL');
  await expect(page.locator('.ticket')).toContainText('COLIBRÍ AZUL');
  await examineSizes(page, 'a new branch');
  await clerk.button('Guardar').click();
  await expect(clerk.heading('Sucursales')).toBeVisible();
  await expect(page.getByRole('row', { name: BRANCH })).toContainText('Abierta');
  await examineSizes(page, 'the branches');

  await page.getByRole('link', { name: 'Certificados (CSD)' }).first().click();
  await expect(clerk.main).toContainText('Ningún certificado por ahora');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventanilla-csd-'));
  const csd = house.run('csd', 'rehearse', '--rfc', RFC, '--name', 'SUMINISTROS COLIBRI AZUL', '--out', folder);
  await clerk.button('Subir CSD').first().click();
  await clerk.field('Certificado .cer').setInputFiles(csd.certificate);
  await clerk.field('Llave privada .key').setInputFiles(csd.key);
  await clerk.field('Contraseña de la llave').fill('otra');
  watch.expectAnswer('/certificates');
  await clerk.button('Comprobar y activar').click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await examineSizes(page, 'a key that did not open');
  await clerk.field('Contraseña de la llave').fill(csd.password);
  await clerk.button('Comprobar y activar').click();
  await expect(page.getByText('El certificado quedó guardado')).toBeVisible();
  await expect(clerk.main).toContainText('Vigente');
  await examineSizes(page, 'the certificates');
  fs.rmSync(folder, { recursive: true });

  const { key } = house.run('api-key', 'create', '--issuer', 'colibri', '--name', 'Caja 1', '--scopes', 'tickets:write');
  const soldAt = new Date(Date.now() - 6 * 3_600_000 - 600_000).toISOString().slice(0, 19);
  const line = { clave_prod_serv: '44121701', cantidad: '1', clave_unidad: 'H87', descripcion: 'Bolígrafo', importe: '116.00', impuesto: 'iva_16' };
  const sale = { branch: BRANCH, order_number: ORDER, ticket_number: '1', sold_at: soldAt, total: '116.00', forma_pago: '01', lines: [line] };
  const sold = await request.put('/api/integrators/v1/tickets/venta-1', { data: sale, headers: { Authorization: `Bearer ${key}` } });
  expect(sold.ok(), await sold.text()).toBe(true);

  const guest = new Guest(page);
  const ticket = { branch_name: BRANCH, order_number: ORDER, ticket_number: '1', total: '116.00' };
  await (await guest.open()).click();
  await guest.chooseBranch(ticket);
  await guest.giveRfc();
  await guest.findTicket(ticket);
  await guest.fillReceptor(email);
  await guest.review();
  await guest.generate();
  await guest.ready();
});

shared('who administers changes the brand, the logo and a branch', async ({ page, request, watch }) => {
  const clerk = new Clerk(page, request);
  await clerk.signIn(await staffOf(request, 'operator'));
  await page.getByRole('link', { name: 'Emisor y marca' }).first().click();
  await expect(clerk.heading('Emisor y marca')).toBeVisible();
  await expect(page.getByRole('img', { name: 'Logotipo actual' })).toBeVisible();
  await examineSizes(page, "the issuer's settings");
  // What is saved is read again, and draws the form anew under whoever types on.
  const saves = async () => {
    const put = page.waitForResponse((answer) => answer.request().method() === 'PUT');
    await clerk.button('Guardar').click();
    expect((await put).ok()).toBe(true);
    await expect(page.getByText('Se guardaron los cambios.')).toBeVisible();
    await page.reload();
  };
  const support = clerk.field('Correo de soporte');
  const before = await support.inputValue();
  await support.fill('no es correo');
  await clerk.button('Guardar').click();
  await expect(page.getByRole('alert').first()).toBeFocused();
  await support.fill('nuevo@colibri.example');
  await saves();
  await expect(support).toHaveValue('nuevo@colibri.example');
  await support.fill(before);
  await saves();
  await expect(support).toHaveValue(before);

  // Which rate its customers pay at is kept. The last is as the demo has it, for those who pay after this.
  const rate = clerk.field('Tipo de cambio al pagar');
  for (const policy of ['day', '']) {
    await rate.selectOption(policy);
    await saves();
    await expect(rate).toHaveValue(policy);
  }

  watch.expectAnswer('/logo');
  const logo = (name, mimeType, text) => clerk.field('Archivo del logotipo').setInputFiles({ name, mimeType, buffer: Buffer.from(text) });
  await logo('no.png', 'image/png', 'esto no es una imagen');
  await clerk.button('Guardar logotipo').click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await logo('si.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#0b6470"/></svg>');
  await clerk.button('Guardar logotipo').click();
  await expect(page.getByText('Se guardó el logotipo.')).toBeVisible();

  await page.getByRole('link', { name: 'Sucursales' }).first().click();
  await clerk.main.getByRole('table').getByRole('link').first().click();
  await expect(clerk.heading('Sucursal')).toBeVisible();
  const days = clerk.field('Días para facturar');
  await expect(days).not.toHaveValue('');
  await examineSizes(page, 'a branch');
  await days.fill('400');
  await clerk.button('Guardar').click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await days.fill('15');
  await clerk.button('Guardar').click();
  await expect(clerk.heading('Sucursales')).toBeVisible();
});
