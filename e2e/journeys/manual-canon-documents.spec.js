// The payment portal's manual, its lists of documents under its profile: statements of account, and the tab FACTURAS.
import { Documents } from '../support/documents.js';
import { under } from '../support/manual.js';
import { examineSizes, rehearsal } from '../support/people.js';
import { download, expect } from '../support/journey.js';
import { Truth } from '../support/truth.js';

const test = under('canon', { history: true });
const INSTANT = /\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}:\d{2} [ap]\.m\./;

test('K10 to K13: statements of account, the newest first, and FACTURAS', async ({ page, request }) => {
  test.setTimeout(300_000);
  const account = (await rehearsal(request)).sign_ins.find(({ user }) => user === 'TAM010203ABA');
  const truth = await Truth.of(request, account);
  await truth.isComplete();
  const customer = new Documents(page);
  await page.goto('/');
  await customer.field('Usuario').fill(account.user);
  await customer.field('Contraseña').fill(account.password);
  await customer.button('Iniciar sesión').click();

  await test.step('K10: RFC and name of the customer', async () => {
    await expect(page).toHaveURL(/\/estados-de-cuenta/);
    await expect(customer.main).toContainText(account.user);
    await expect(customer.main).toContainText(account.customer);
  });
  const { data } = await truth.documents('&kind=estado_de_cuenta');
  await test.step('K11, K12: number, customer number, the second it was issued, a file; the newest first', async () => {
    await expect(customer.rows()).toHaveCount(data.length);
    for (const name of ['Estado de cuenta', 'Núm. de cliente', 'Fecha de expedición']) {
      await expect(customer.results().getByRole('columnheader', { name })).toBeVisible();
    }
    const [newest] = data;
    await expect(customer.rows().first()).toContainText(newest.number);
    await expect(customer.rows().first()).toContainText('005300');
    await expect(customer.rows().first()).toContainText(INSTANT);
    const pdf = await download(page, customer.button(`Descargar PDF de ${newest.number}`));
    expect(pdf.bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    const months = data.map(({ number }) => number.slice(0, 4));
    expect(new Set(months).size, 'two in one month').toBeLessThan(months.length);
    await examineSizes(page, 'Estados de cuenta');
  });
  await test.step('K13: FACTURAS, found and downloaded', async () => {
    await page.getByRole('navigation', { name: 'Principal', exact: true }).getByRole('link', { name: 'FACTURAS' }).click();
    const [one] = (await truth.documents('&kind=factura')).data;
    await expect(customer.row(one.number)).toBeVisible();
    const xml = await download(page, customer.button(`Descargar XML de ${one.number}`));
    expect(xml.bytes.toString('utf8')).toContain(`Folio="${one.folio}"`);
  });
});
