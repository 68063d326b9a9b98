// The way into the console: password and code, and the codes of an authenticator app.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from './journey.js';
import { Person, rehearsal } from './people.js';
import { ownServer } from './server.js';

const STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

// RFC 6238 with six digits, as every app does it.
export function appCode(secret, now = Date.now()) {
  const bits = [...secret.replace(/[\s=-]/g, '').toUpperCase()].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS)));
  const hash = crypto.createHmac('sha1', key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// A code is good once: whoever signs in again waits for the next. Kept beside the server: a worker that failed is followed
// by another, which remembers nothing.
const kept = () => path.join(path.dirname(ownServer().folder), 'used-codes.json');
const used = () => (fs.existsSync(kept()) ? JSON.parse(fs.readFileSync(kept(), 'utf8')) : {});

// A code that goes into a form by another way than `fillCode`.
export function usedBy(user, code) {
  fs.writeFileSync(kept(), JSON.stringify({ ...used(), [user]: code }));
  return code;
}

export async function staffOf(request, role) {
  const { staff } = await rehearsal(request);
  const found = staff.find((one) => one.role === role);
  expect(found, `staff of the demo with the role ${role}`).toBeTruthy();
  return found;
}

async function freshCode(request, user) {
  // The wait for a code is none of the journey's own time.
  test.setTimeout(test.info().timeout + STEP_MS + 10_000);
  const before = used()[user];
  let code;
  await expect
    .poll(
      async () => {
        const { staff } = await rehearsal(request);
        code = staff.find((one) => one.user === user).code;
        return code !== before;
      },
      { message: `a code of ${user} that was not used`, timeout: STEP_MS + 10_000, intervals: [500] },
    )
    .toBe(true);
  return usedBy(user, code);
}

export class Clerk extends Person {
  constructor(page, request) {
    super(page);
    this.request = request;
  }

  async fillPassword({ user, password }, at = '/consola/entrar') {
    await this.page.goto(at);
    await expect(this.heading('Entrar a la consola')).toBeVisible();
    await this.fillSignIn({ user, password });
    await this.button('Entrar').click();
    await expect(this.heading('Escriba su código')).toBeVisible();
  }

  async fillCode({ user }) {
    await this.field('Código de 6 dígitos').fill(await freshCode(this.request, user));
    await this.button('Entrar').click();
    await expect(this.page).not.toHaveURL(/\/consola(\/entrar.*)?$/);
  }

  async signIn(account, at) {
    await this.fillPassword(account, at);
    await this.fillCode(account);
  }
}
