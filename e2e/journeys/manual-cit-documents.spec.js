// The billing portal's manual, its chapter on documents in order under its profile.
import { Documents, namesIn } from '../support/documents.js';
import { invoice } from '../support/guest.js';
import { under } from '../support/manual.js';
import { examineSizes, rehearsal } from '../support/people.js';
import { SIZES, download, expect } from '../support/journey.js';
import { Truth } from '../support/truth.js';

const test = under('cit', { history: true });
const FILTERS = [
  'Fecha inicial',
  'Fecha final',
  'Tipo de comprobante',
  'Número de contrato',
  'Folio inicial',
  'Folio final',
  'Empresa',
];
const KINDS = ['Factura', 'Nota de crédito', 'Recibo', 'Estado de cuenta'];
const shownDay = (day) => day.split('-').reverse().join('/');

for (const [size, viewport] of Object.entries(SIZES)) {
  test.describe(`the manual of the billing portal, documents, ${size}`, () => {
    // A phone is touched and never pointed at.
    test.use({ viewport, hasTouch: size === 'phone' });

    test('C1, C30 to C45: looking documents up and downloading them', async ({ page, request, ticket, email }) => {
      test.setTimeout(300_000);
      const [{ user, password }] = (await rehearsal(request)).sign_ins;
      const truth = await Truth.of(request, { user, password });
      await truth.isComplete();
      const customer = new Documents(page);
      await page.goto('/');
      await customer.field('Correo').fill(user);
      await customer.field('Contraseña').fill(password);
      await page.keyboard.press('Enter');

      await test.step('C31 to C37: the screen, its seven filters, the button', async () => {
        await expect(customer.heading('Consulta de Documentos')).toBeVisible();
        await expect(customer.main).toContainText('Llene la siguiente información');
        await customer.unfold();
        for (const name of FILTERS) await expect(customer.field(name)).toBeVisible();
        // C33: and «Todos» before them
        await expect(customer.list('Tipo de comprobante').locator('option')).toHaveText([/./, ...KINDS]);
        await examineSizes(page, 'Consulta de Documentos');
      });
      await test.step('C44: each field explains itself to who points at it or touches it', async () => {
        await customer.unfold();
        const shown = page.getByRole('tooltip').filter({ visible: true });
        for (const name of FILTERS) {
          const help = customer.button(`Ayuda: ${name}`);
          await (size === 'phone' ? help.tap() : help.hover());
          await expect(shown).toHaveCount(1);
          await (size === 'phone' ? page.keyboard.press('Escape') : page.mouse.move(0, 0));
          await expect(shown).toHaveCount(0);
        }
        if (size !== 'phone') return;
        // A tap elsewhere takes it away.
        await customer.button(`Ayuda: ${FILTERS[0]}`).tap();
        await expect(shown).toHaveCount(1);
        await customer.heading('Consulta de Documentos').tap();
        await expect(shown).toHaveCount(0);
      });
      const { totals } = await truth.documents('&complementos=false');
      await test.step('C38, C45: without a filter everything, and nothing of anybody else', async () => {
        const foreign = await invoice(request, ticket, email);
        await customer.search();
        await expect(customer.results()).toContainText(`de ${totals.count} documentos`);
        await expect(customer.rows().filter({ hasText: 'Complemento' })).toHaveCount(0);
        expect((await truth.ask(`/documents/${foreign.id}`)).status()).toBe(404);
      });
      const { data } = await truth.documents('&kind=factura');
      const one = data.find(({ contract }) => contract);
      const alone = async (query) => {
        await customer.search();
        const { totals: found } = await truth.documents(`&complementos=false${query}`);
        await expect(customer.results()).toContainText(new RegExp(`(de |^|\\D)${found.count} documentos?`));
        await customer.unfold();
      };
      await test.step('C32, C34 to C36, C39: each filter by itself, one end of a range, and all together', async () => {
        await customer.unfold();
        await customer.field('Fecha inicial').fill(shownDay(one.issued_on));
        await alone(`&issued_from=${one.issued_on}`);
        await customer.field('Fecha inicial').fill('');
        await customer.field('Fecha final').fill(shownDay(one.issued_on));
        await alone(`&issued_to=${one.issued_on}`);
        await customer.field('Fecha inicial').fill(shownDay(one.issued_on));
        await customer.list('Número de contrato').selectOption(one.contract);
        await customer.list('Empresa').selectOption({ label: one.issuer_name });
        await customer.field('Folio inicial').fill(one.folio);
        await customer.field('Folio final').fill(one.folio);
        await customer.list('Tipo de comprobante').selectOption({ label: 'Factura' });
        await customer.search();
        await expect(customer.rows()).toHaveCount(1);
        await expect(customer.row(one.number)).toBeVisible();
      });
      await test.step('C41 to C43: a row, its icons, files under their right names', async () => {
        for (const [kind, type, begins] of [['PDF', 'pdf', '%PDF-'], ['XML', 'xml', '<?xml']]) {
          const file = await download(page, customer.button(`Descargar ${kind} de ${one.number}`));
          expect(file.name).toMatch(new RegExp(`^[\\x21-\\x7e]+${one.issued_on}\\.${type}$`));
          expect(file.bytes.subarray(0, begins.length).toString('latin1')).toBe(begins);
          const answer = await truth.ask(`/documents/${one.id}/${type}`);
          expect(answer.headers()['content-type']).toContain(`application/${type}`);
        }
      });
      await test.step('the files of what is ticked come in one ZIP', async () => {
        await customer.row(one.number).getByRole('checkbox').click();
        const zip = await download(page, customer.button('Descargar ZIP'));
        expect(zip.name).toMatch(/\.zip$/);
        const own = namesIn(zip.bytes).filter((name) => name.includes(`_${one.number}_`));
        expect(own.map((name) => name.split('.').pop()).sort()).toEqual(['pdf', 'xml']);
      });
      await test.step('C30, C42: a recibo and a statement are PDF alone', async () => {
        for (const [label, kind] of [['Recibo', 'recibo'], ['Estado de cuenta', 'estado_de_cuenta']]) {
          const [paper] = (await truth.documents(`&kind=${kind}`)).data;
          await page.goto('/consultas');
          await expect(customer.rows().first()).toBeVisible();
          await customer.unfold();
          await customer.list('Tipo de comprobante').selectOption({ label });
          await customer.search();
          await expect(customer.button(`Descargar PDF de ${paper.number}`)).toBeVisible();
          await expect(customer.button(`Descargar XML de ${paper.number}`)).toHaveCount(0);
        }
      });
      await test.step('C40: a statement is looked for by its dates alone', async () => {
        await customer.unfold();
        for (const name of ['Fecha inicial', 'Fecha final']) await expect(customer.field(name)).toBeEnabled();
        for (const name of ['Número de contrato', 'Empresa', 'Folio inicial', 'Folio final']) {
          await expect(customer.field(name)).toBeDisabled();
        }
        await expect(customer.main).toContainText('solo se buscan por fecha');
      });
      await test.step('a complemento is inside the invoice that it pays', async () => {
        const [complemento] = (await truth.documents('&kind=complemento_de_pago')).data;
        const { related } = await truth.get(`/documents/${complemento.id}`);
        const paid = related.find(({ kind }) => kind === 'factura');
        await page.goto(`/documentos/${paid.id}`);
        await page.getByRole('link', { name: `Complemento de pago ${complemento.number}` }).click();
        await expect(customer.heading(`Complemento de pago ${complemento.number}`)).toBeVisible();
        await examineSizes(page, 'a complemento');
      });
    });
  });
}
