// What the journeys of the manuals share: a server under a manual's profile, and the letters it wrote.
import { expect, test as base } from './journey.js';
import { begin } from './server.js';

// A test whose pages and requests go to a server of its own under this profile, with the demo's documents if they are
// read in it.
export function under(profile, { history = false } = {}) {
  return base.extend({
    baseURL: async ({}, use) => {
      const server = await begin({ profile, history });
      await use(server.address);
      await server.end();
    },
  });
}

// The newest letter to an address that says something, once it has left the outbox.
export async function letterTo(request, email, said) {
  let found;
  await expect
    .poll(
      async () => {
        const { data } = await (await request.get('/api/v1/mailbox?limit=100')).json();
        for (const { id } of data.filter((letter) => letter.to.includes(email))) {
          const { text } = await (await request.get(`/api/v1/mailbox/${id}`)).json();
          if (said.test(text)) {
            found = text;
            return true;
          }
        }
        return false;
      },
      { message: `a letter to ${email} that says ${said}`, timeout: 30_000 },
    )
    .toBe(true);
  return found;
}

// How many letters an address has.
export async function lettersTo(request, email) {
  const { data } = await (await request.get('/api/v1/mailbox?limit=100')).json();
  return data.filter((letter) => letter.to.includes(email)).length;
}

// The temporary password of a letter.
export const temporaryIn = (text) => /([a-z0-9]{5}-){3}[a-z0-9]{5}/.exec(text)[0];

// The path of a letter's link to a page.
export const linkIn = (text, page) => new RegExp(`https?://[^/\\s]+(/\\S*?${page}/[0-9a-f]{64})`).exec(text)[1];
