// Payments as an operator of an issuer meets them: a bank's file, a transfer that names nobody, and taking it back.
import { examineSizes } from '../support/people.js';
import { Clerk, staffOf } from '../support/staff.js';
import { expect, test } from '../support/journey.js';

const CUSTOMER = 'TAM010203ABA';

test.setTimeout(180_000);

test('a transfer that names nobody is given to its customer, and taken back', async ({ page, request }) => {
  const account = await staffOf(request, 'operator');
  const clerk = new Clerk(page, request);
  await clerk.signIn(account);
  await page.goto('/consola/e/colibri-azul/pagos');
  await expect(clerk.heading('Pagos')).toBeVisible();
  await examineSizes(page, 'payments at the desk');

  await page.getByRole('navigation', { name: 'Partes de Pagos' }).getByRole('link', { name: 'Por revisar' }).click();
  await expect(clerk.heading('Por revisar')).toBeVisible();
  await examineSizes(page, 'reviews at the desk');

  await page.getByRole('navigation', { name: 'Partes de Pagos' }).getByRole('link', { name: 'Archivos del banco' }).click();
  await expect(clerk.heading('Archivos del banco')).toBeVisible();
  await clerk.button('Cargar archivo').first().click();
  await page.getByLabel('Banco', { exact: true }).selectOption('spei');
  await page.getByLabel('Formato', { exact: true }).selectOption('csv');
  await page.locator('form').getByRole('button', { name: 'Cargar archivo' }).click();
  await expect(clerk.main).toContainText('Elija un archivo.');
  const transfer = `E2E${Date.now()}`;
  const table = `fecha,concepto,abono,clave de rastreo\n2026-11-18,deposito sin nombre,1.50,${transfer}\n`;
  await page.getByLabel('Archivo', { exact: true }).setInputFiles({
    name: 'cuenta.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(table),
  });
  await page.locator('form').getByRole('button', { name: 'Cargar archivo' }).click();
  await expect(clerk.main).toContainText('El archivo se cargó: 1 líneas.');
  await expect(clerk.main).toContainText('Sin identificar 1');
  await examineSizes(page, 'banks files at the desk');

  await page.getByRole('link', { name: 'cuenta.csv' }).first().click();
  await expect(clerk.heading('cuenta.csv')).toBeVisible();
  await expect(clerk.main).toContainText(transfer);
  await clerk.button('Es de un cliente').click();
  await page.getByLabel('RFC del cliente', { exact: true }).fill(CUSTOMER);
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText(/La línea ya es el pago \d+\./);
  await page.getByRole('link', { name: 'Pago', exact: true }).click();

  await expect(clerk.heading(/^Pago \d+$/)).toBeVisible();
  await expect(clerk.main).toContainText(transfer);
  await expect(clerk.main).toContainText('Transferencia sin orden');
  await examineSizes(page, 'a payment at the desk');
  await clerk.button('Revertir').click();
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Motivo');
  await page.getByLabel('Motivo', { exact: true }).fill('Prueba del recorrido');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('El pago se revirtió.');
  await expect(clerk.main).toContainText('Revertido');
});

test('the figures above the payments, and a rate that somebody types', async ({ page, request }) => {
  const account = await staffOf(request, 'operator');
  const clerk = new Clerk(page, request);
  await clerk.signIn(account);
  await page.goto('/consola/e/colibri-azul/pagos');
  await expect(clerk.main.getByRole('term').filter({ hasText: /^Sin identificar · \d+$/ })).toBeVisible();
  await expect(clerk.main.getByRole('definition').first()).toHaveText(/^\$[\d,]+\.\d\d$/);

  await page.getByRole('navigation', { name: 'Partes de Pagos' }).getByRole('link', { name: 'Tipos de cambio' }).click();
  await expect(clerk.heading('Tipos de cambio')).toBeVisible();
  await expect(clerk.main).toContainText('El tipo de cambio impreso en cada factura');
  await clerk.button('Escribir un tipo de cambio').click();
  await clerk.field('Día').fill('ayer');
  await clerk.field('Pesos por unidad').fill('dieciocho');
  await clerk.button('Guardar').click();
  await expect(clerk.field('Día')).toHaveAttribute('aria-invalid', 'true');
  await expect(clerk.field('Pesos por unidad')).toHaveAttribute('aria-invalid', 'true');
  await examineSizes(page, 'a rate that is none');
  await clerk.field('Día').fill('17/11/2026');
  await clerk.field('Pesos por unidad').fill('18.88688');
  await clerk.button('Guardar').click();
  await expect(clerk.main).toContainText('Se guardó el tipo de cambio de USD del 17/11/2026.');
  const row = page.getByRole('row').filter({ hasText: '17/11/2026' });
  await expect(row).toContainText('18.886880');
  await expect(row).toContainText('A mano');
  await expect(row).toContainText(account.user);
  await examineSizes(page, 'the rates of days');
  await page.getByLabel('De dónde viene', { exact: true }).selectOption('erp');
  await expect(row).toHaveCount(0);
  await page.getByLabel('De dónde viene', { exact: true }).selectOption('manual');
  await expect(row).toBeVisible();
  await page.getByLabel('Hasta el día', { exact: true }).fill('16/11/2026');
  await page.keyboard.press('Tab');
  await expect(row).toHaveCount(0);
});
