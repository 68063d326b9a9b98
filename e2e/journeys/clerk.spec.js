// The clerk's tasks about documents, within the clicks and keys that the product promises her.
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { expect, test } from '../support/journey.js';
import { Truth } from '../support/truth.js';

class Clerk extends Person {
  clicks = 0;
  keys = 0;

  async click(locator) {
    this.clicks += 1;
    await locator.click();
  }

  async type(text) {
    this.keys += text.length;
    await this.page.keyboard.type(text);
  }

  results() {
    return this.page.getByRole('region', { name: 'Resultados' });
  }

  rows() {
    return this.results().getByRole('row').filter({ has: this.page.getByRole('rowheader') });
  }

  // What a press makes the browser save.
  async saves(locator) {
    const coming = this.page.waitForEvent('download');
    await this.click(locator);
    const file = await coming;
    expect(await file.failure()).toBeNull();
    return file.suggestedFilename();
  }
}

let account;
let all;
test.setTimeout(300_000);
test.beforeEach(async ({ request }) => {
  const { user, password } = (await rehearsal(request)).sign_ins[0];
  account = { user, password };
  const truth = await Truth.of(request, account);
  await truth.isComplete();
  all = await truth.documents();
});

test('everything is there without a click, and one invoice within twelve keys', async ({ page }) => {
  const clerk = new Clerk(page);
  await clerk.signIn(account, '/entrar?ir=/consultas');
  await expect(clerk.rows()).toHaveCount(Math.min(all.totals.count, 50));
  const wanted = all.data.find((row) => row.has_xml);
  await clerk.type('/');
  await clerk.type(wanted.number);
  await page.keyboard.press('Enter');
  await expect(clerk.rows()).toHaveCount(1);
  await expect(clerk.rows()).toContainText(wanted.number);
  expect(clerk.keys).toBeLessThanOrEqual(12);
  await expect(page).toHaveURL(/buscar=/);
  expect(await clerk.saves(page.getByRole('button', { name: `Descargar XML de ${wanted.number}` }))).toContain(wanted.number);
  expect(clerk.clicks).toBe(1);
  await clerk.click(page.getByRole('button', { name: `Quitar Folio, contrato u orden: ${wanted.number}` }));
  await expect(clerk.rows()).toHaveCount(Math.min(all.totals.count, 50));
});

test('all files of a month take two clicks, its list one more', async ({ page }) => {
  const clerk = new Clerk(page);
  await clerk.signIn(account, '/entrar?ir=/consultas');
  await expect(clerk.rows().first()).toBeVisible();
  await clerk.click(clerk.button('Mes pasado'));
  await expect(page).toHaveURL(/desde=/);
  await expect(clerk.results()).not.toHaveAttribute('aria-busy', 'true');
  expect(await clerk.saves(clerk.results().getByRole('button', { name: 'ZIP', exact: true }))).toMatch(/_documentos_.*\.zip$/);
  expect(clerk.clicks).toBe(2);
  clerk.clicks = 0;
  expect(await clerk.saves(clerk.results().getByRole('button', { name: 'CSV', exact: true }))).toMatch(/\.csv$/);
  expect(clerk.clicks).toBe(1);
  expect(clerk.keys).toBe(0);
});

test('a selection survives another order and a reload, and goes by mail to two addresses', async ({ page }) => {
  const clerk = new Clerk(page);
  await clerk.signIn(account, '/entrar?ir=/consultas');
  const wanted = all.data.find((row) => row.has_xml);
  await clerk.click(page.getByRole('checkbox', { name: `Seleccionar ${wanted.number}`, exact: true }));
  const bar = page.getByRole('region', { name: 'Acciones para lo seleccionado' });
  await expect(bar).toContainText('1 seleccionado');
  await page.getByRole('columnheader', { name: 'Fecha' }).getByRole('button').click();
  await expect(page).toHaveURL(/orden=antiguos/);
  await expect(bar).toContainText('1 seleccionado');
  await page.reload();
  await expect(bar).toContainText('1 seleccionado');
  await bar.getByRole('button', { name: 'Enviar por correo' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Para').fill('contador@despacho.example, no es correo');
  await dialog.getByRole('button', { name: 'Enviar', exact: true }).click();
  await expect(dialog).toContainText('no:');
  await expect(dialog.getByLabel('Para')).toBeFocused();
  await dialog.getByLabel('Para').fill('contador@despacho.example, jefe@arrayan.example');
  await dialog.getByRole('button', { name: 'Enviar', exact: true }).click();
  await expect(dialog).toContainText('2 correos en camino');
});

test('a range, all that was found, other pages and a look at a document leave the selection whole', async ({ page }) => {
  const clerk = new Clerk(page);
  // The demo fits on one page of fifty.
  await page.route('**/api/v1/documents?*', (route) => route.continue({ url: `${route.request().url()}&limit=10` }));
  await page.route('**/api/v1/documents', (route) => route.continue({ url: `${route.request().url()}?limit=10` }));
  await clerk.signIn(account, '/entrar?ir=/consultas');
  const box = (at) => page.getByRole('checkbox', { name: `Seleccionar ${all.data[at].number}`, exact: true });
  const bar = page.getByRole('region', { name: 'Acciones para lo seleccionado' });
  await box(1).click();
  await box(4).click({ modifiers: ['Shift'] });
  await expect(bar).toContainText('4 seleccionados');
  for (const at of [1, 2, 3, 4]) await expect(box(at)).toBeChecked();
  await expect(box(5)).not.toBeChecked();
  await box(3).click({ modifiers: ['Shift'] });
  await expect(bar).toContainText('2 seleccionados');

  await clerk.button('Siguiente').click();
  await box(10).click();
  await expect(bar).toContainText('3 seleccionados');
  await page.getByRole('link', { name: all.data[11].number, exact: true }).click();
  await expect(page).toHaveURL(/\/documentos\//);
  await clerk.main.getByRole('link', { name: 'Consultas' }).click();
  await expect(box(10)).toBeChecked();
  await expect(bar).toContainText('3 seleccionados');
  await page.goBack();
  await expect(page).toHaveURL(/\/documentos\//);
  await page.goBack();
  await expect(box(10)).toBeChecked();
  await clerk.button('Anterior').click();
  for (const at of [1, 2]) await expect(box(at)).toBeChecked();
  for (const at of [0, 3, 4]) await expect(box(at)).not.toBeChecked();

  // All that was found, pages not seen too, but one.
  const { count } = all.totals;
  await bar.getByRole('button', { name: `Seleccionar los ${count}`, exact: true }).click();
  await expect(bar).toContainText(`${count} seleccionados`);
  await expect(box(0)).toBeChecked();
  await box(0).click();
  await expect(bar).toContainText(`${count - 1} seleccionados`);
  await clerk.button('Siguiente').click();
  await expect(box(12)).toBeChecked();
  // From its top: the head that stays would lie over half of what scrolls below it.
  await page.evaluate(() => scrollTo(0, 0));
  await examineSizes(page, 'a selection of everything but one');
  const ordered = page.waitForRequest((sent) => sent.method() === 'POST' && sent.url().endsWith('/documents/downloads'));
  expect(await clerk.saves(bar.getByRole('button', { name: 'Descargar ZIP' }))).toMatch(/\.zip$/);
  expect((await ordered).postDataJSON().except).toEqual([all.data[0].id]);
  await bar.getByRole('button', { name: 'Quitar selección' }).click();
  await expect(bar).toHaveCount(0);
});
