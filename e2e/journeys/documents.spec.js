// Documents: a customer finds, reads and downloads what was issued to it.
import { Documents } from '../support/documents.js';
import { examineSizes, rehearsal } from '../support/people.js';
import { SIZES, download, examine, expect, tabTo, test } from '../support/journey.js';
import { Truth } from '../support/truth.js';

const UUID = /[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/;

let account;
let truth;
test.beforeEach(async ({ request }) => {
  const { user, password } = (await rehearsal(request)).sign_ins[0];
  account = { user, password };
  truth = await Truth.of(request, account);
  await truth.isComplete();
});
test.setTimeout(300_000);

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(size, () => {
    test.use({ viewport });

    test('everything is there without a filter, and every file is a click away', async ({ page }) => {
      const customer = new Documents(page);
      await customer.signIn(account, '/entrar?ir=/consultas');
      await expect(customer.heading('Consultas')).toBeVisible();
      const { data, totals } = await truth.documents();
      await expect(customer.rows()).toHaveCount(Math.min(totals.count, 50));
      await expect(customer.results()).toContainText(`de ${totals.count} documentos`);
      for (const { total } of totals.sums) {
        const shown = total.replace(/\B(?=(\d{3})+\.)/g, ',');
        await expect(customer.main).toContainText(`$${shown}`);
      }
      await examine(page, 'Consultas');

      const factura = data.find(({ kind }) => kind === 'factura');
      const pdf = await download(page, customer.button(`Descargar PDF de ${factura.number}`));
      expect(pdf.name).toMatch(/^[\x21-\x7e]+\.pdf$/);
      expect(pdf.name).toContain(factura.issued_on);
      expect(pdf.bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
      const xml = await download(page, customer.button(`Descargar XML de ${factura.number}`));
      expect(xml.name).toMatch(/^[\x21-\x7e]+\.xml$/);
      expect(xml.bytes.toString('utf8').toUpperCase()).toContain(`UUID="${factura.folio_fiscal}"`);

      // A receipt has no XML, and says why to who asks with eyes, finger or keyboard.
      const recibo = data.find(({ kind }) => kind === 'recibo');
      const none = customer.row(recibo.number).getByRole('button', { name: /no tiene XML/ });
      await none.focus();
      await expect(customer.row(recibo.number).getByRole('tooltip')).toBeVisible();
      await expect(none).toHaveAttribute('aria-disabled', 'true');
      await examine(page, 'Consultas with a reason open');
    });

    test('filters combine, and what cannot be is said beside the field', async ({ page }) => {
      const customer = new Documents(page);
      await customer.signIn(account, '/entrar?ir=/consultas');
      await expect(customer.rows().first()).toBeVisible();
      await customer.unfold();
      await examine(page, 'the filters');

      // A day as it is typed on a telephone, a folio without its serie.
      const { data } = await truth.documents('&kind=factura');
      const one = data.at(-1);
      const [year, month, day] = one.issued_on.split('-');
      await customer.field('Fecha inicial').fill(`${day}${month}${year}`);
      await customer.field('Fecha final').fill(`${Number(day)}/${Number(month)}/${year.slice(2)}`);
      await customer.list('Tipo de comprobante').selectOption({ label: 'Factura' });
      await customer.list('Empresa').selectOption({ label: one.issuer_name });
      await customer.field('Folio inicial').fill(one.folio);
      await customer.field('Folio final').fill(one.number.toLowerCase());
      await customer.search();
      await expect(customer.rows()).toHaveCount(1);
      await expect(customer.row(one.number)).toBeVisible();
      await customer.unfold();
      await expect(customer.field('Fecha final')).toHaveValue(`${day}/${month}/${year}`);

      await customer.field('Fecha inicial').fill('31/02/2026');
      await customer.field('Folio final').fill('nada');
      await customer.button('Buscar').click();
      await expect(customer.field('Fecha inicial')).toBeFocused();
      await expect(customer.field('Fecha inicial')).toHaveAttribute('aria-invalid', 'true');
      await expect(customer.main).toContainText('Escriba una fecha que exista');
      await expect(customer.main).toContainText('Escriba el folio con número');
      await examine(page, 'filters that are wrong');
      await customer.field('Fecha inicial').fill('28/02/2026');
      await expect(customer.field('Fecha inicial')).not.toHaveAttribute('aria-invalid', 'true');

      // Nothing found: why, and the way out.
      await customer.field('Folio final').fill('');
      await customer.field('Folio inicial').fill('99999999');
      await customer.search();
      await expect(customer.results()).toContainText('Ningún documento con estos filtros');
      await expect(customer.results()).toContainText('folio inicial 99999999');
      await examine(page, 'an empty search');
      await customer.button('Quitar los filtros').click();
      await expect(customer.rows().nth(5)).toBeVisible();
    });

    test('a document reads like a receipt and leads back to its search', async ({ page }) => {
      const customer = new Documents(page);
      await customer.signIn(account, '/entrar?ir=/consultas?tipo=factura');
      const { data } = await truth.documents('&kind=factura');
      const [one] = data;
      await page.getByRole('link', { name: one.number, exact: true }).click();
      await expect(customer.heading(`Factura ${one.number}`)).toBeVisible();
      await expect(customer.main).toBeFocused();
      for (const shown of [one.folio_fiscal, 'Vigente', 'Conceptos', 'Subtotal', one.total.replace(/\B(?=(\d{3})+\.)/g, ',')]) {
        await expect(customer.main).toContainText(shown);
      }
      expect(UUID.test(one.folio_fiscal)).toBe(true);
      await examine(page, 'a document');
      const xml = await download(page, customer.button(`Descargar XML de ${one.number}`));
      expect(xml.bytes.toString('utf8')).toContain(`Folio="${one.folio}"`);
      await page.reload();
      await expect(customer.heading(`Factura ${one.number}`)).toBeVisible();
      await page.goBack();
      await expect(page).toHaveURL(/\/consultas\?tipo=factura$/);
      await expect(customer.row(one.number)).toBeVisible();

      const recibo = (await truth.documents('&kind=recibo')).data[0];
      await page.goto(`/documentos/${recibo.id}`);
      await expect(customer.heading(`Recibo ${recibo.number}`)).toBeVisible();
      await expect(customer.main).toContainText('Un recibo solo tiene PDF.');
      await examine(page, 'a receipt');
    });

    test('statements are found by date alone', async ({ page }) => {
      const customer = new Documents(page);
      const { data } = await truth.documents('&kind=estado_de_cuenta');
      await customer.signIn(account, '/entrar?ir=/estados-de-cuenta');
      await expect(customer.heading('Estados de cuenta')).toBeVisible();
      await expect(customer.rows()).toHaveCount(data.length);
      await expect(customer.rows().first()).toContainText(data[0].number);
      await expect(customer.row(data[0].number)).toContainText(data[0].contract);
      await examine(page, 'Estados de cuenta');
      const pdf = await download(page, customer.button(`Descargar PDF de ${data[0].number}`));
      expect(pdf.bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
      const [year, month, day] = data[0].issued_on.split('-');
      await customer.field('Fecha inicial').fill(`${day}/${month}/${year}`);
      await customer.search();
      await expect(page).toHaveURL(new RegExp(`/estados-de-cuenta\\?desde=${data[0].issued_on}$`));
      await expect(customer.rows()).toHaveCount(data.filter(({ issued_on: on }) => on >= data[0].issued_on).length);

      // In Consultas the other filters go off, say why, and keep what they hold.
      await page.goto('/consultas');
      await expect(customer.rows().first()).toBeVisible();
      await customer.unfold();
      await customer.field('Folio inicial').fill('60300');
      await customer.list('Tipo de comprobante').selectOption({ label: 'Estado de cuenta' });
      for (const off of ['Folio inicial', 'Folio final']) await expect(customer.field(off)).toBeDisabled();
      for (const off of ['Número de contrato', 'Empresa']) await expect(customer.list(off)).toBeDisabled();
      await expect(customer.main).toContainText('solo se buscan por fecha');
      await customer.search();
      await expect(customer.rows()).toHaveCount(data.length);
      await examine(page, 'statements in Consultas');
      await customer.unfold();
      await expect(customer.field('Folio inicial')).toHaveValue('60300');
      await customer.list('Tipo de comprobante').selectOption({ label: 'Todos' });
      await expect(customer.field('Folio inicial')).toBeEnabled();
    });

    test('the first page shows what came last', async ({ page }) => {
      const customer = new Documents(page);
      const { data } = await truth.documents();
      await customer.signIn(account);
      await expect(page).toHaveURL(/\/inicio$/);
      const recent = page.getByRole('region', { name: 'Documentos recientes' });
      await expect(recent.getByRole('listitem')).toHaveCount(5);
      await expect(recent).toContainText(data[0].number);
      await examine(page, 'Inicio');
      await page.getByRole('link', { name: 'Documentos de este mes' }).click();
      await expect(page).toHaveURL(/\/consultas\?desde=\d{4}-\d{2}-01&hasta=\d{4}-\d{2}-\d{2}$/);
      await expect(page.getByRole('button', { name: 'Este mes', exact: true })).toHaveAttribute('aria-pressed', 'true');
    });

    test("C47: every page has the issuer's logo, and it leads home", async ({ page }) => {
      const customer = new Documents(page);
      const { data } = await truth.documents('&kind=factura');
      const brand = page.getByRole('link', { name: /Colibrí Azul/ }).filter({ has: page.locator('img'), visible: true });
      const drawn = async (path) => {
        await expect(brand, path).toHaveCount(1);
        const logo = brand.locator('img');
        await expect(logo, path).toHaveAttribute('src', /\/logo/);
        await expect.poll(() => logo.evaluate((image) => image.complete && image.naturalWidth > 0), { message: path }).toBe(true);
      };
      for (const path of ['/registro', '/recuperar', '/entrar']) {
        await page.goto(path);
        await drawn(path);
        await brand.click();
        await expect(customer.heading('Entrar al portal')).toBeVisible();
      }
      await customer.fillSignIn(account);
      await customer.button('Entrar').click();
      const own = ['/inicio', '/consultas', `/documentos/${data[0].id}`, '/estados-de-cuenta', '/saldos', '/historial'];
      const kept = ['/cuenta', '/cuenta/seguridad', '/cuenta/usuarios', '/cuenta/privacidad'];
      await expect(page).toHaveURL(/\/inicio$/);
      for (const path of [...own, ...kept]) {
        await page.goto(path);
        await expect(customer.main.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(page, 'a page of its own').toHaveURL(new RegExp(`${path}$`));
        await drawn(path);
        await brand.click();
        await expect(page).toHaveURL(/\/inicio$/);
        await expect(page.getByRole('region', { name: 'Documentos recientes' })).toBeVisible();
      }
    });
  });
}

test('back, a reload and a sent link find the same', async ({ page, context }) => {
  const customer = new Documents(page);
  const all = (await truth.documents()).totals.count;
  const recibos = (await truth.documents('&kind=recibo')).totals.count;
  await customer.signIn(account, '/entrar?ir=/consultas');
  await expect(customer.rows()).toHaveCount(Math.min(all, 50));
  await customer.list('Tipo de comprobante').selectOption({ label: 'Recibo' });
  await customer.search();
  await expect(customer.rows()).toHaveCount(recibos);
  await customer.button('Fecha').click();
  await expect(page).toHaveURL(/\/consultas\?tipo=recibo&orden=antiguos$/);
  await expect(page.getByRole('columnheader', { name: 'Fecha' })).toHaveAttribute('aria-sort', 'ascending');
  const oldest = (await truth.documents('&kind=recibo&sort=oldest')).data[0];
  await expect(customer.rows().first()).toContainText(oldest.number);

  await page.reload();
  await expect(customer.rows()).toHaveCount(recibos);
  await expect(customer.list('Tipo de comprobante')).toHaveValue('recibo');
  await expect(customer.rows().first()).toContainText(oldest.number);
  const sent = await context.newPage();
  await sent.goto(page.url());
  await expect(new Documents(sent).rows().first()).toContainText(oldest.number);
  await sent.close();
  await page.goBack();
  await expect(page).toHaveURL(/\/consultas\?tipo=recibo$/);
  await expect(page.getByRole('columnheader', { name: 'Fecha' })).toHaveAttribute('aria-sort', 'descending');
  await page.goBack();
  await expect(page).toHaveURL(/\/consultas$/);
  await expect(customer.rows()).toHaveCount(Math.min(all, 50));
  await expect(customer.list('Tipo de comprobante')).toHaveValue('');

  // A link that somebody spoilt is not swallowed.
  await page.goto('/consultas?desde=ayer');
  await expect(customer.field('Fecha inicial')).toHaveValue('ayer');
  await expect(customer.main).toContainText('Escriba una fecha que exista');
  await examineSizes(page, 'a spoilt link');
});

test('pages lead on and back, also after a document', async ({ page }) => {
  const customer = new Documents(page);
  // The demo fits on one page of fifty.
  await page.route('**/api/v1/documents?*', (route) => route.continue({ url: `${route.request().url()}&limit=10` }));
  await page.route('**/api/v1/documents', (route) => route.continue({ url: `${route.request().url()}?limit=10` }));
  const { data } = await truth.documents();
  const first = (n) => expect(customer.rows().first()).toContainText(data[n].number);
  await customer.signIn(account, '/entrar?ir=/consultas');
  await first(0);
  await customer.button('Siguiente').click();
  await first(10);
  await expect(customer.results()).toBeFocused();
  await expect(page).toHaveURL(/\?pagina=2&cursor=/);
  await customer.button('Siguiente').click();
  await first(20);
  await page.getByRole('link', { name: data[21].number, exact: true }).click();
  await expect(customer.main).toContainText(data[21].number);
  await page.getByRole('main').getByRole('link', { name: 'Consultas' }).click();
  await first(20);
  await customer.button('Anterior').click();
  await first(10);
  await page.reload();
  await first(10);
  await customer.button('Anterior').click();
  await first(0);
  await expect(page).toHaveURL(/\/consultas$/);
});

test('the whole search works with the keyboard alone, and help opens and closes', async ({ page }) => {
  const customer = new Documents(page);
  await customer.signIn(account, '/entrar?ir=/consultas');
  await expect(customer.rows().first()).toBeVisible();
  await page.keyboard.press('/');
  await expect(page.getByRole('textbox', { name: 'Buscar en todo' })).toBeFocused();
  await tabTo(page, customer.field('Fecha inicial'));
  const { data } = await truth.documents();
  const [year, month] = data[0].issued_on.split('-');
  await page.keyboard.type(`01${month}${year}`);
  await tabTo(page, customer.field('Fecha inicial').locator('xpath=ancestor::form').getByRole('button', { name: 'Ayuda: Folio inicial' }));
  const help = page.getByRole('tooltip').filter({ hasText: 'Primer folio' });
  await expect(help).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await tabTo(page, customer.field('Folio inicial'));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`desde=${year}-${month}-01$`));
  const wanted = (await truth.documents(`&issued_from=${year}-${month}-01`)).totals.count;
  await expect(customer.rows()).toHaveCount(wanted);
  await tabTo(page, page.getByRole('link', { name: data[0].number, exact: true }));
  await page.keyboard.press('Enter');
  await expect(customer.main).toContainText(data[0].number);
});

test('a document of somebody else is not there', async ({ page, watch }) => {
  const customer = new Documents(page);
  watch.expectAnswer('/api/v1/documents/');
  await customer.signIn(account, '/entrar?ir=/documentos/01927f3e-0000-7000-8000-000000000001');
  await expect(customer.heading('No encontramos este documento')).toBeVisible();
  await examineSizes(page, 'a document that is not there');
});
