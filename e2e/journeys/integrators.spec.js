// A developer opens Swagger UI in a rehearsal: the key is there, and "Execute" works at the first click.
import { expect, test as shared } from '../support/journey.js';
import { rehearsal } from '../support/people.js';
import { begin } from '../support/server.js';

// A server of its own: a payment is taken back here and a document cancelled, which others count.
const test = shared.extend({
  house: async ({}, use) => {
    const house = await begin({ worker: 'integrators' });
    await use(house);
    await house.end();
  },
  baseURL: async ({ house }, use) => use(house.address),
});

// In the order in which a developer would: what is read by an id of one's own is brought in before.
const TRIED = [
  ['tickets-list_branches', '200'],
  ['tickets-put_ticket', '201'],
  ['tickets-get_ticket', '200'],
  ['tickets-list_tickets', '200'],
  ['tickets-post_tickets_bulk', '200'],
  ['customers-put_customer', '201'],
  ['customers-get_customer', '200'],
  ['customers-list_customers', '200'],
  ['customers-put_contract', '201'],
  ['customers-get_contract', '200'],
  ['customers-list_contracts', '200'],
  ['customers-delete_contract', '204'],
  ['invoices-post_invoice', '201'],
  ['invoices-list_invoices', '200'],
  ['documents-put_document', '201'],
  ['documents-delete_document', '200'],
  ['documents-list_documents', '200'],
  ['receivables-put_receivable', '201'],
  ['receivables-get_receivable', '200'],
  ['receivables-get_by_id', '200'],
  ['receivables-list_receivables', '200'],
  ['receivables-get_statement', '200'],
  ['payments-list_payments', '200'],
  ['payments-get_payment', '200'],
  ['payments-apply_payment', '200'],
  ['payments-place_credit', '200'],
  ['payments-reverse_payment', '200'],
  ['rates-put_rate', '200'],
  ['rates-get_rate', '200'],
  ['rates-list_rates', '200'],
  ['events-list_events', '200'],
  ['webhooks-put_endpoint', '201'],
  ['webhooks-get_endpoint', '200'],
  ['webhooks-list_endpoints', '200'],
  ['webhooks-rotate_secret', '200'],
  ['webhooks-test_endpoint', '202'],
  ['webhooks-list_deliveries', '200'],
  ['webhooks-resend_parked', '202'],
];
// Once there is an invoice and a delivery: the page knows the first one's id when it is opened.
const TRIED_LATER = [
  ['invoices-get_invoice', '200'],
  ['documents-get_document', '200'],
  ['documents-get_document_xml', '200'],
  ['documents-get_document_pdf', '200'],
  ['documents-put_document_state', '200'],
  ['webhooks-get_delivery', '200'],
  ['webhooks-resend_delivery', '202'],
  ['webhooks-delete_endpoint', '204'],
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

test('every operation can be tried with the key and the examples that are filled in', async ({ page, request }) => {
  // Swagger UI unfolds every schema of an operation it opens: seconds each on a busy machine.
  test.setTimeout(900_000);
  // The demo's past is made in the background, its payments last.
  const { api_key: key } = await rehearsal(request);
  const paid = async () => {
    const headers = { Authorization: `Bearer ${key}` };
    const { data } = await (await request.get('/api/integrators/v1/payments?limit=100', { headers })).json();
    // The transfer that nobody ordered comes first.
    return data.filter(({ state, is_deposit: isDeposit }) => state === 'confirmed' && !isDeposit).length;
  };
  await expect.poll(paid, { message: 'a payment of the demo', timeout: 180_000 }).toBeGreaterThan(0);
  await tryAll(page, TRIED);
  await tryAll(page, TRIED_LATER);
});
