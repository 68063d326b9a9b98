// A document for others: a link that anybody opens until it is taken back, a letter, paper; and who has had it.
import { Documents } from '../support/documents.js';
import { rehearsal } from '../support/people.js';
import { SIZES, download, examine, expect, test } from '../support/journey.js';
import { Truth } from '../support/truth.js';

test.setTimeout(300_000);

let account;
let invoices;
test.beforeEach(async ({ request }) => {
  const { user, password } = (await rehearsal(request)).sign_ins[0];
  account = { user, password };
  const truth = await Truth.of(request, account);
  await truth.isComplete();
  invoices = (await truth.documents('&kind=factura')).data;
});

for (const [at, [size, viewport]] of Object.entries(SIZES).entries()) {
  test.describe(size, () => {
    test.use({ viewport });

    test('a link opens for anybody until it is taken back', async ({ page, context, browser }, info) => {
      // One that has no link yet, also after a try that broke off.
      const one = invoices[at + 2 * info.retry];
      const customer = new Documents(page);
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await customer.signIn(account, `/entrar?ir=/documentos/${one.id}`);
      await expect(customer.heading(`Factura ${one.number}`)).toBeVisible();
      const panel = page.getByRole('region', { name: 'Enviar y compartir' });
      await panel.getByRole('button', { name: 'Crear liga para compartir' }).click();
      await expect(panel).toContainText('Liga nueva: cópiela ahora');
      await expect(panel).toContainText(`${account.user}: abre hasta el`);
      await expect(panel).toContainText('abierta 0 veces');
      await panel.getByRole('button', { name: 'Copiar' }).click();
      await expect(panel.getByRole('status').filter({ hasText: 'Copiado' })).toBeVisible();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      expect(link).toMatch(/^https?:.*\/c\/[0-9a-f]{64}$/);
      await examine(page, 'a document with a link');

      const elsewhere = await browser.newContext({
        baseURL: new URL(page.url()).origin, locale: 'es-MX', viewport, reducedMotion: 'reduce',
      });
      const stranger = await elsewhere.newPage();
      await stranger.goto(new URL(link).pathname);
      await expect(stranger.getByRole('heading', { level: 1, name: 'Documento compartido' })).toBeVisible();
      const seen = stranger.getByRole('main');
      await expect(seen.getByRole('heading', { level: 2, name: one.number })).toBeVisible();
      await expect(seen).toContainText(one.issuer_name);
      await expect(seen).toContainText('La liga sirve hasta');
      await examine(stranger, 'a shared document');
      const pdf = await download(stranger, seen.getByRole('link', { name: 'Descargar PDF' }));
      expect(pdf.bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
      const xml = await download(stranger, seen.getByRole('link', { name: 'Descargar XML' }));
      expect(xml.bytes.toString('utf8').toUpperCase()).toContain(`UUID="${one.folio_fiscal}"`);

      await page.reload();
      await expect(panel).toContainText(/abierta [1-9]\d* ve(z|ces)/);
      await expect(panel).toContainText('Quién lo abrió');
      await expect(panel).toContainText('Alguien con la liga');
      // The link itself is shown once.
      await expect(panel).not.toContainText(link);
      await examine(page, 'who opened a document');
      await panel.getByRole('button', { name: 'Retirar' }).click();
      await expect(panel).toContainText(`${account.user}: ya no abre`);
      await expect(panel.getByRole('button', { name: 'Retirar' })).toHaveCount(0);

      await stranger.reload();
      await expect(seen).toContainText('Esta liga ya no abre.');
      await expect(seen).not.toContainText(one.number);
      await examine(stranger, 'a link that was taken back');
      await elsewhere.close();
    });

    test('a letter is followed until the mail server has it, and the document printed', async ({ page, email }) => {
      const one = invoices[at];
      const customer = new Documents(page);
      await customer.signIn(account, `/entrar?ir=/documentos/${one.id}`);
      await expect(customer.heading(`Factura ${one.number}`)).toBeVisible();
      const panel = page.getByRole('region', { name: 'Enviar y compartir' });
      await panel.getByRole('button', { name: 'Enviar por correo' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Para').fill(email);
      await examine(page, 'a document by mail');
      await dialog.getByRole('button', { name: 'Enviar', exact: true }).click();
      await expect(dialog).toContainText('Se puso 1 correo en camino.');
      await dialog.getByRole('button', { name: 'Cerrar' }).click();
      await expect(dialog).toHaveCount(0);
      // Without a reload.
      await expect(panel).toContainText(`${email}: entregado al servidor de correo`, { timeout: 60_000 });
      await examine(page, 'a letter that arrived');

      await page.evaluate(() => {
        globalThis.print = () => void (globalThis.printed = true);
      });
      await panel.getByRole('button', { name: 'Imprimir' }).click();
      await expect.poll(() => page.evaluate(() => globalThis.printed)).toBe(true);
    });
  });
}
