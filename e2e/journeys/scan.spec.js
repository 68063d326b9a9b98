// N1: the code on a paper ticket, read by the page itself where the browser can.
import { Guest } from '../support/guest.js';
import { SIZES, examine, expect, test } from '../support/journey.js';
import { sign } from '../support/till.js';

test.use({ viewport: SIZES.phone, permissions: ['camera'] });

test('a ticket is scanned inside the page', async ({ page }) => {
  const { sale, qr } = sign('Caja 2');
  const guest = new Guest(page);
  // Chromium on this system reads no codes, so the page gets a reader that sees what the test holds up to it.
  await page.addInitScript(() => {
    window.heldUp = [];
    window.BarcodeDetector = class {
      async detect(video) {
        if (!(video.videoWidth > 0)) throw new Error('no picture');
        return window.heldUp.map((rawValue) => ({ rawValue }));
      }
    };
  });
  for (const start of ['/', '/facturar/sucursal']) {
    await page.goto(start);
    await page.getByRole('button', { name: 'Escanear el código del ticket' }).click();
    const dialog = page.getByRole('dialog', { name: 'Escanear el código del ticket' });
    await expect(dialog).toContainText('Apunte la cámara');
    await page.evaluate(() => { window.heldUp = ['https://elsewhere.example/menu']; });
    await expect(dialog).toContainText('Ese código no es el de un ticket');
    await examine(page, `the camera's dialog at ${start}`);
    await dialog.getByRole('button', { name: 'Cerrar' }).click();
    await expect(dialog).toBeHidden();
  }
  await page.getByRole('button', { name: 'Escanear el código del ticket' }).click();
  await page.evaluate((code) => { window.heldUp = [code]; }, qr);
  await expect(guest.heading('¿Cuál es su RFC?')).toBeVisible();
  await guest.giveRfc();
  await expect(guest.text('Número de orden')).toHaveValue(sale.order);
});

test('a camera that cannot be used is told', async ({ page }) => {
  await page.addInitScript(() => {
    window.BarcodeDetector = class {};
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await page.goto('/');
  await page.getByRole('button', { name: 'Escanear el código del ticket' }).click();
  await expect(page.getByRole('dialog')).toContainText('No pudimos usar la cámara');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Escanear el código del ticket' })).toBeFocused();
});
