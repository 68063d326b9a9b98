// The desk brings a folder of documents in and takes one back; the customer has a long download made meanwhile.
import { invoice } from '../support/guest.js';
import { expect, test } from '../support/journey.js';
import { Person, examineSizes, rehearsal } from '../support/people.js';
import { Clerk, staffOf } from '../support/staff.js';

const PDF = Buffer.from('%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n');
const file = (name, mimeType, buffer = PDF) => ({ name, mimeType, buffer });

test.setTimeout(120_000);

test('a folder is brought in, told file by file, and a wrong one is taken back', async ({ page, request, watch }) => {
  const clerk = new Clerk(page, request);
  const staff = await staffOf(request, 'staff');
  watch.expectAnswer('/documents?name=');
  await clerk.signIn(staff);
  await page.getByRole('link', { name: 'Documentos' }).first().click();
  await expect(clerk.heading('Documentos')).toBeVisible();
  await examineSizes(page, "the desk's documents");

  await clerk.button('Subir documentos').click();
  const number = String(Date.now()).slice(-8);
  const statement = `estado_005300_${number}_2017-10-01T07-00-00_743.97.pdf`;
  await clerk.field('Archivos').setInputFiles([
    file(statement, 'application/pdf'),
    file('171003.pdf', 'application/pdf', Buffer.concat([PDF, Buffer.from(`%${number}`)])),
    file('mal.xml', 'application/xml', Buffer.from('<a/>')),
    file('mal.pdf', 'application/pdf'),
    file('LEEME.txt', 'text/plain', Buffer.from('hola')),
  ]);
  const panel = page.getByRole('region', { name: 'Subir documentos' });
  await expect(panel).toContainText('1 publicados · 0 ya estaban · 2 no hacen falta · 2 con error, de 5');
  const row = (name) => panel.getByRole('row', { name });
  await expect(row(statement)).toContainText(`Estado de cuenta ${number} · 005300`);
  await expect(row('mal.xml')).toContainText('No es un CFDI timbrado');
  await expect(row('mal.pdf')).toContainText('El portal imprime el PDF');
  await expect(row('LEEME.txt')).toContainText('No es un XML ni un PDF.');
  await examineSizes(page, 'what came of each file');

  // Its name says nothing, so a person does.
  await row('171003.pdf').getByRole('button', { name: 'Escribir sus datos' }).click();
  await clerk.field('Número').fill(`${number}9`);
  await clerk.field('Contrato o RFC').fill('005300');
  await clerk.field('Fecha y hora de expedición').fill('2017-10-03T07:00');
  await clerk.field('Total').fill('10.00');
  await examineSizes(page, 'the data of a PDF');
  await clerk.button('Subir').click();
  await expect(panel).toContainText('2 publicados');

  // The same folder again does no harm.
  await clerk.field('Archivos').setInputFiles([file(statement, 'application/pdf')]);
  await expect(panel).toContainText('0 publicados · 1 ya estaban');
  await clerk.button('Cerrar').click();

  await page.getByRole('searchbox').fill(number);
  await clerk.button('Buscar').click();
  const found = page.getByRole('row', { name: number });
  await expect(found).toContainText('Publicado');
  await found.getByRole('button', { name: /^Acciones/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retirar' }).click();
  await expect(page.getByRole('dialog')).toContainText(`¿Retirar ${number}?`);
  await page.getByRole('dialog').getByRole('button', { name: 'Retirar' }).click();
  await expect(page.getByText('Nadie lo había abierto.')).toBeVisible();
  await expect(found).toContainText('Retirado');
  await examineSizes(page, 'a document taken back');
});

test('what became of a CFDI at the SAT is said, and a slip mended', async ({ page, request, ticket, email }) => {
  const clerk = new Clerk(page, request);
  const made = await invoice(request, ticket, email);
  const number = `${made.serie}-${made.folio}`;
  await clerk.signIn(await staffOf(request, 'staff'));
  await page.getByRole('link', { name: 'Documentos' }).first().click();
  await page.getByRole('searchbox').fill(number);
  await clerk.button('Buscar').click();
  const found = page.getByRole('row', { name: number });
  const dialog = page.getByRole('dialog');
  const change = async (state) => {
    await found.getByRole('button', { name: /^Acciones/ }).click();
    await dialog.getByRole('button', { name: `Cambiar estado: ${state}` }).click();
    await expect(dialog.getByRole('heading')).toContainText('¿');
  };
  await expect(found).toContainText('Vigente');
  await expect(found).toContainText('Emitido aquí');
  await change('cancelada');
  await expect(dialog).toContainText(`¿${number} se canceló en el SAT?`);
  await expect(dialog).toContainText('ya no se debe');
  await examineSizes(page, 'what follows when a CFDI was cancelled');
  await dialog.getByRole('button', { name: 'Cancelar', exact: true }).click();
  await expect(found).toContainText('Vigente');
  await change('cancelada');
  await dialog.getByRole('button', { name: 'Cambiar estado: cancelada' }).click();
  await expect(page.getByRole('status').filter({ hasText: `${number} está cancelada.` })).toBeVisible();
  await expect(found).toContainText('Cancelada');
  await page.reload();
  await expect(found).toContainText('Cancelada');
  await examineSizes(page, 'a CFDI that was cancelled');
  await change('vigente');
  await dialog.getByRole('button', { name: 'Cambiar estado: vigente' }).click();
  await expect(found).toContainText('Vigente');
});

test('a long download is made while the customer goes on, and is there after a reload', async ({ page, request, watch }) => {
  const person = new Person(page);
  const { user, password } = (await rehearsal(request)).sign_ins[0];
  watch.expectAnswer('/api/v1/sessions');
  // What a thousand documents would do, with the demo's few.
  await page.route('**/api/v1/documents/downloads', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), background: true }) });
  });
  await person.signIn({ user, password }, '/entrar?ir=/consultas%3Ftipo%3Destado_de_cuenta');
  const results = page.getByRole('region', { name: 'Resultados' });
  await expect(results.getByRole('row').nth(1)).toBeVisible({ timeout: 90_000 });
  await results.getByRole('button', { name: 'ZIP', exact: true }).click();
  await expect(page.getByText('el archivo se prepara aparte')).toBeVisible();
  const list = page.getByRole('region', { name: 'Archivos que pidió' });
  await expect(list).toContainText(/_documentos_.*\.zip/);
  await page.reload();
  await expect(list).toContainText('Listo', { timeout: 60_000 });
  await examineSizes(page, 'a download that is ready');
  const coming = page.waitForEvent('download');
  await list.getByRole('button', { name: 'Descargar' }).click();
  expect((await coming).suggestedFilename()).toMatch(/_documentos_.*\.zip$/);
  await list.getByRole('button', { name: 'Quitar' }).click();
  await expect(list).toHaveCount(0);
});
