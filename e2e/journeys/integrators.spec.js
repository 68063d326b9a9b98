// A developer opens Swagger UI in a rehearsal: the key is there, and "Execute" works at the first click.
import { expect, test } from '../support/journey.js';

const TRIED = [
  ['operations-tickets-list_branches', '200'],
  ['operations-tickets-put_ticket', '201'],
  ['operations-tickets-post_tickets_bulk', '200'],
  ['operations-customers-put_customer', '201'],
  ['operations-documents-list_documents', '200'],
  ['operations-events-list_events', '200'],
];

test('every operation can be tried with the key and the example that are filled in', async ({ page }) => {
  // Swagger UI unfolds every schema of an operation it opens: seconds each on a busy machine.
  test.slow();
  await page.goto('/api/docs/');
  await expect(page.locator('.btn.authorize.locked')).toBeVisible();
  for (const [id, status] of TRIED) {
    const operation = page.locator(`[id="${id}"]`);
    await operation.locator('.opblock-summary-control').click();
    const name = operation.getByPlaceholder('external_id');
    if (await name.count()) await name.fill(`prueba-${Date.now()}`);
    await operation.locator('.execute').click();
    await expect(operation.locator('.live-responses-table .response-col_status').last()).toContainText(status);
  }
});
