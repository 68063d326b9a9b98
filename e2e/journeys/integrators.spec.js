// A developer opens Swagger UI in a rehearsal: the key is there, and "Execute" works at the first click.
import { expect, test } from '../support/journey.js';

// In the order in which a developer would: what is read by an id of one's own is brought in before. Left out is what
// begins with something that happened (a payment, a delivery), and a webhook's endpoint, whose name a machine without a
// line does not resolve.
const TRIED = [
  ['tickets-list_branches', '200'],
  ['tickets-put_ticket', '201'],
  ['tickets-get_ticket', '200'],
  ['tickets-list_tickets', '200'],
  ['tickets-post_tickets_bulk', '200'],
  ['customers-put_customer', '201'],
  ['customers-get_customer', '200'],
  ['customers-list_customers', '200'],
  ['invoices-post_invoice', '201'],
  ['invoices-list_invoices', '200'],
  ['documents-put_document', '201'],
  ['documents-delete_document', '200'],
  ['documents-list_documents', '200'],
  ['receivables-put_receivable', '201'],
  ['receivables-get_receivable', '200'],
  ['receivables-list_receivables', '200'],
  ['payments-list_payments', '200'],
  ['rates-put_rate', '200'],
  ['rates-get_rate', '200'],
  ['rates-list_rates', '200'],
  ['events-list_events', '200'],
  ['webhooks-list_endpoints', '200'],
];
// Once there is an invoice: the page knows the first one's id when it is opened.
const TRIED_LATER = [
  ['invoices-get_invoice', '200'],
  ['documents-get_document', '200'],
];
const PDF = { name: 'recibo.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n%%EOF\n') };

async function tryAll(page, operations) {
  await page.goto('/api/docs/');
  await expect(page.locator('.btn.authorize.locked')).toBeVisible();
  for (const [id, status] of operations) {
    const operation = page.locator(`[id="operations-${id}"]`);
    await operation.locator('.opblock-summary-control').click();
    const execute = operation.locator('.execute');
    await expect(execute).toBeVisible();
    const file = operation.locator('input[type="file"]');
    if (await file.count()) await file.setInputFiles(PDF);
    await execute.click();
    const told = operation.locator('.live-responses-table .response-col_status').last();
    await expect(told, id).toContainText(status);
    await operation.locator('.opblock-summary-control').click();
  }
}

test('every operation can be tried with the key and the examples that are filled in', async ({ page }) => {
  // Swagger UI unfolds every schema of an operation it opens: seconds each on a busy machine.
  test.setTimeout(400_000);
  await tryAll(page, TRIED);
  await tryAll(page, TRIED_LATER);
});
