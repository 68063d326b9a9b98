// Finds the number that a proof of work asks for (ALTCHA's protocol, version 1), away from the page's own thread.
// It is told the flow; it tells [percent, seconds left at most] now and then, and at the end the proof as text: '' when
// none is asked for, null when it could not be made.
const AT_ONCE = 256;
const TELL_MS = 200;
const ANSWER_MS = 15_000;

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const same = (digest, wanted) => wanted.every((byte, at) => byte === digest[at]);

async function find({ challenge, maxnumber, salt }) {
  const text = new TextEncoder();
  const wanted = bytes(challenge);
  const began = performance.now();
  let told = began;
  for (let first = 0; first <= maxnumber; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, maxnumber - first + 1) }, (_, more) => first + more);
    const digests = await Promise.all(numbers.map((number) => crypto.subtle.digest('SHA-256', text.encode(salt + number))));
    const found = digests.findIndex((digest) => same(new Uint8Array(digest), wanted));
    if (found >= 0) return first + found;
    const now = performance.now();
    if (now - told < TELL_MS) continue;
    told = now;
    const done = (first + numbers.length) / (maxnumber + 1);
    const left = ((now - began) / done) * (1 - done);
    postMessage([Math.round(done * 100), Math.ceil(left / 1000)]);
  }
  return null;
}

addEventListener('message', async ({ data: flow }) => {
  try {
    const answer = await fetch(`/api/v1/proof-of-work?flow=${flow}`, {
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.status === 204) {
      postMessage('');
      return;
    }
    const order = answer.ok ? await answer.json() : null;
    const number = order && (await find(order));
    const { algorithm, challenge, salt, signature } = order ?? {};
    postMessage(number === null ? null : btoa(JSON.stringify({ algorithm, challenge, number, salt, signature })));
  } catch {
    // No network, or no crypto.subtle: the page says so and offers to try again.
    postMessage(null);
  }
});
