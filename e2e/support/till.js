// Programs of a company's own. A till without a line signs its tickets with a key of its own, as openapi/examples/tickets
// says; an ERP tells its company's contracts.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect } from './journey.js';
import { ownServer } from './server.js';

const HERE = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const SIGN = path.resolve(HERE, '../../openapi/examples/tickets/sign.mjs');
export const BRANCH = 'Centro Histórico';

function run(program, args, input) {
  const env = { ...process.env, VENTANILLA_DATA_DIR: ownServer().folder };
  const { status, stdout, stderr } = spawnSync(program, args, { input, env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** A ticket as a till signs it: what it says, and what stands in its QR. */
export function sign(name) {
  const wanted = ['till-key', 'create', '--issuer', 'default', '--branch', BRANCH, '--name', name];
  const till = JSON.parse(run(process.env.E2E_SERVER, wanted));
  // Minutes ago, on the wall of the branch.
  const soldAt = new Date(Date.now() - 6 * 3_600_000 - 600_000).toISOString().slice(0, 16);
  const sale = {
    address: `${ownServer().address.toUpperCase()}/Q/`, key_id: till.id, secret: till.secret,
    order: `QR-${Date.now()}`, ticket: '501', total: '118.00', sold_at: soldAt, forma_pago: '04',
  };
  return { sale, qr: run('node', [SIGN], JSON.stringify(sale)).trim() };
}

/** A company's ERP tells of a customer's contract with it. */
export async function contractWith(request, slug, customer, number) {
  const wanted = ['api-key', 'create', '--issuer', slug, '--name', `ERP ${number}`, '--scopes', 'customers:write'];
  const { key } = JSON.parse(run(process.env.E2E_SERVER, wanted));
  const put = await request.put(`/api/integrators/v1/customers/erp-${number}`, {
    headers: { Authorization: `Bearer ${key}` },
    data: { ...customer, contracts: [number] },
  });
  expect(put.ok(), await put.text()).toBe(true);
}
