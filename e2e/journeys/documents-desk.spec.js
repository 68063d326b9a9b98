// The desk brings a folder of documents in and takes one back; the customer has a long download made meanwhile.
import fs from 'node:fs';
import path from 'node:path';
import { invoice } from '../support/guest.js';
import { expect, test } from '../support/journey.js';
import { Person, colleague, examineSizes, rehearsal } from '../support/people.js';
import { Clerk, staffOf } from '../support/staff.js';
import { Truth } from '../support/truth.js';

const PDF = Buffer.from('%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n');
const file = (name, mimeType, buffer = PDF) => ({ name, mimeType, buffer });

test.setTimeout(240_000);

test('a folder is brought in, told file by file, and a wrong one is taken back', async ({ page, request, watch }, info) => {
  const clerk = new Clerk(page, request);
  const staff = await staffOf(request, 'staff');
  watch.expectAnswer('/documents?name=');
  await clerk.signIn(staff);
  await page.getByRole('link', { name: 'Documentos' }).first().click();
  await expect(clerk.heading('Documentos')).toBeVisible();
  await examineSizes(page, "the desk's documents");

  await clerk.button('Subir documentos').click();
  const number = String(Date.now()).slice(-8).replace(/^0/, '9');
  // Bytes of its own, also for a try after this.
  const bytes = Buffer.concat([PDF, Buffer.from(`%1${number}`)]);
  const statement = `estado_005300_${number}_2017-10-01T07-00-00_743.97.pdf`;
  // The contract of the go is the XML's: a PDF has its own.
  const sent = (name) => page.waitForRequest((one) => one.url().includes(`name=${name}`));
  const [xml, pdf] = [sent('mal.xml'), sent('estado_')];
  await clerk.field('Contrato').fill('17-0942');
  await clerk.field('Archivos').setInputFiles([
    file(statement, 'application/pdf', bytes),
    file('171003.pdf', 'application/pdf', Buffer.concat([PDF, Buffer.from(`%${number}`)])),
    file('mal.xml', 'application/xml', Buffer.from('<a/>')),
    file('mal.pdf', 'application/pdf'),
    file('LEEME.txt', 'text/plain', Buffer.from('hola')),
  ]);
  expect((await xml).url()).toContain('contract=17-0942');
  expect((await pdf).url()).not.toContain('contract=');
  const panel = page.getByRole('region', { name: 'Subir documentos' });
  await expect(panel).toContainText('1 publicados · 0 ya estaban · 2 no hacen falta · 2 con error, de 5');
  const row = (name) => panel.getByRole('row', { name });
  await expect(row(statement)).toContainText(`Estado de cuenta ${number} · 005300`);
  await expect(row('mal.xml')).toContainText('No es un CFDI timbrado');
  await expect(row('mal.pdf')).toContainText('El portal imprime el PDF');
  await expect(row('LEEME.txt')).toContainText('No es un XML ni un PDF.');
  await examineSizes(page, 'what came of each file');

  // Its name says nothing, so a person does. The order that it answers comes as an ERP would send it.
  const typed = (url) => url.pathname.endsWith('/documents') && url.searchParams.has('issued_at');
  await page.route(typed, (route) => route.continue({ url: `${route.request().url()}&purchase_order=OC-7788` }));
  await row('171003.pdf').getByRole('button', { name: 'Escribir sus datos' }).click();
  await clerk.field('Número').fill(`${number}9`);
  await clerk.field('Contrato o RFC').fill('005300');
  await clerk.field('Fecha y hora de expedición').fill('2017-10-03T07:00');
  await clerk.field('Total').fill('10.00');
  await examineSizes(page, 'the data of a PDF');
  await clerk.button('Subir').click();
  await expect(panel).toContainText('2 publicados');

  // The same as a folder does no harm.
  const folder = info.outputPath('octubre');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, statement), bytes);
  await clerk.field('Una carpeta').setInputFiles(folder);
  await expect(panel).toContainText('0 publicados · 1 ya estaban · 0 no hacen falta · 0 con error, de 1');
  // What is let go over the frame is taken too.
  const dragged = await page.evaluateHandle((name) => {
    const all = new DataTransfer();
    all.items.add(new File(['hola'], name, { type: 'text/plain' }));
    return all;
  }, 'LEEME.txt');
  await panel.locator('.drop').dispatchEvent('drop', { dataTransfer: dragged });
  await expect(panel).toContainText('0 publicados · 0 ya estaban · 1 no hacen falta · 0 con error, de 1');

  // A link leads away from files that are still to go once the person says so.
  let arrive;
  const held = new Promise((resolve) => (arrive = resolve));
  const late = (url) => url.searchParams.get('name') === 'tarde.xml';
  await page.route(late, async (route) => {
    await held;
    await route.continue();
  });
  const begun = page.waitForRequest((one) => one.url().includes('name=tarde.xml'));
  await clerk.field('Archivos').setInputFiles([file('tarde.xml', 'application/xml', Buffer.from('<a/>'))]);
  await begun;
  const leave = page.getByRole('dialog', { name: 'Falta 1 archivo por subir' });
  await page.getByRole('link', { name: 'Clientes' }).first().click();
  await expect(leave).toBeVisible();
  await examineSizes(page, 'the question before files are left behind');
  await leave.getByRole('button', { name: 'Seguir subiendo' }).click();
  await expect(leave).toBeHidden();
  await expect(clerk.heading('Documentos')).toBeVisible();
  await page.getByRole('link', { name: 'Clientes' }).first().click();
  await leave.getByRole('button', { name: 'Salir sin subirlos' }).click();
  await expect(clerk.heading('Clientes')).toBeVisible();
  arrive();
  // With nothing to go, nothing is asked.
  await page.getByRole('link', { name: 'Documentos' }).first().click();
  await expect(clerk.heading('Documentos')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Subir documentos' })).toHaveCount(0);

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

  // Whoever receives the other sees whose order it answers.
  const [reader] = (await rehearsal(request)).sign_ins;
  const { data } = await (await Truth.of(request, reader)).documents('&kind=estado_de_cuenta');
  const paper = data.find((one) => one.number === `${number}9`);
  const person = new Person(page);
  await person.signIn(reader, `/entrar?ir=/documentos/${paper.id}`);
  await expect(person.heading(`Estado de cuenta ${paper.number}`)).toBeVisible();
  await expect(person.main).toContainText('Orden de compra');
  await expect(person.main).toContainText('OC-7788');
});

test('what became of a CFDI at the SAT is said, and a slip mended', async ({ page, request, ticket, email }) => {
  const clerk = new Clerk(page, request);
  const made = await invoice(request, ticket, email);
  const number = `${made.serie}-${made.folio}`;
  await clerk.signIn(await staffOf(request, 'staff'));
  await page.getByRole('link', { name: 'Documentos' }).first().click();
  await expect(clerk.heading('Documentos')).toBeVisible();
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
  await dialog.getByRole('button', { name: 'No cambiar', exact: true }).click();
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
  // What somebody asked for is their own: nobody else has asked for anything yet.
  await colleague(page, request, 'quetzal del bosque de niebla');
  watch.expectAnswer('/api/v1/sessions');
  // What a thousand documents would do, with the demo's few.
  await page.route('**/api/v1/documents/downloads', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), background: true }) });
  });
  await page.goto('/consultas?tipo=estado_de_cuenta');
  const results = page.getByRole('region', { name: 'Resultados' });
  await expect(results.getByRole('row').nth(1)).toBeVisible({ timeout: 90_000 });
  await results.getByRole('button', { name: 'ZIP', exact: true }).click();
  await expect(page.getByText('el archivo se prepara aparte')).toBeVisible();
  const list = page.getByRole('region', { name: 'Archivos que pidió' });
  await expect(list).toContainText(/_documentos_.*\.zip/);
  // Elsewhere, where another program draws the page.
  await page.getByRole('navigation').getByRole('link', { name: 'Saldos' }).first().click();
  await expect(page).toHaveURL(/\/saldos/);
  const ready = page.getByRole('status').filter({ hasText: /_documentos_.*\.zip está listo/ });
  await expect(ready).toBeVisible({ timeout: 60_000 });
  await examineSizes(page, 'a file that became ready on another page');
  await ready.getByRole('button', { name: 'Cerrar' }).click();
  await expect(ready).toHaveCount(0);
  await page.reload();
  await expect(person.heading('Saldos')).toBeVisible();
  await expect(ready).toHaveCount(0);
  await page.goto('/consultas?tipo=estado_de_cuenta');
  await expect(list).toContainText('Listo');
  await examineSizes(page, 'a download that is ready');
  const coming = page.waitForEvent('download');
  await list.getByRole('button', { name: 'Descargar' }).click();
  expect((await coming).suggestedFilename()).toMatch(/_documentos_.*\.zip$/);
  await list.getByRole('button', { name: 'Quitar' }).click();
  await expect(list).toHaveCount(0);
});
