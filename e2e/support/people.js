// The way in and out of the portal of customers, by the words that a person reads.
import { SIZES, drawn, examine, expect, tabTo } from './journey.js';

export class Person {
  constructor(page) {
    this.page = page;
    this.main = page.getByRole('main');
  }

  heading(name) {
    return this.page.getByRole('heading', { level: 1, name });
  }

  // Exact names: the help buttons beside the fields carry theirs too.
  field(name) {
    return this.page.getByLabel(name, { exact: true });
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  async fillSignIn({ user, password }) {
    await this.field('Correo electrónico').fill(user);
    await this.field('Contraseña').fill(password);
  }

  async signIn(account, at = '/entrar') {
    await this.page.goto(at);
    await expect(this.heading('Entrar al portal')).toBeVisible();
    await this.fillSignIn(account);
    await this.button('Entrar').click();
  }

  // Brings the focus to a control as somebody without a mouse does.
  async reach(control) {
    await expect(control).toBeVisible();
    await drawn(this.page);
    if (!(await control.evaluate((it) => it === document.activeElement))) await tabTo(this.page, control, 90);
  }

  async type(control, text) {
    await this.reach(control);
    await this.page.keyboard.type(text);
  }

  async press(control) {
    await this.reach(control);
    await this.page.keyboard.press('Enter');
  }

  // The way out that the window shows: at the side, or above on a phone.
  signOut() {
    return this.button('Cerrar sesión').filter({ visible: true });
  }
}

// The same page as a phone and as a desk shows it.
export async function examineSizes(page, what) {
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    // Laid out anew before axe measures it.
    await drawn(page);
    await examine(page, `${what}, ${size}`);
  }
  if (before) await page.setViewportSize(before);
}

// The link in the letter to this address that leads to such a page, once the letter has left the outbox.
export async function linkTo(request, email, page) {
  const link = new RegExp(`https?://[^/\\s]+(/\\S*?${page}/[0-9a-f]{64})`);
  let found;
  await expect
    .poll(
      async () => {
        const { data } = await (await request.get('/api/v1/mailbox?limit=100')).json();
        for (const { id } of data.filter((letter) => letter.to.includes(email))) {
          const { text } = await (await request.get(`/api/v1/mailbox/${id}`)).json();
          found ??= link.exec(text)?.[1];
        }
        return found !== undefined;
      },
      { message: `a letter with a link to /${page} for ${email}`, timeout: 30_000 },
    )
    .toBe(true);
  return found;
}

// What the demo offers: who can sign in, and who can still be registered.
export async function rehearsal(request) {
  const answer = await request.get('/api/v1/rehearsal');
  expect(answer.ok(), 'GET /api/v1/rehearsal').toBe(true);
  return answer.json();
}

const HEADERS = { 'X-Requested-With': 'ventanilla' };

// A colleague of the demo's first customer, invited by its owner: for a journey that changes what is a person's own.
export async function invited(request) {
  const { user, password } = (await rehearsal(request)).sign_ins.find(({ role }) => role === 'owner');
  const opened = await request.post('/api/v1/sessions', { headers: HEADERS, data: { user, password } });
  expect(opened.ok(), 'POST /api/v1/sessions').toBe(true);
  const headers = { ...HEADERS, Authorization: `Bearer ${(await opened.json()).access_token}` };
  const email = `colega-${Date.now()}@correo.example`;
  const asked = await request.post('/api/v1/people-invitations', { headers, data: { email, role: 'payer', language: 'es' } });
  expect(asked.ok(), 'POST /api/v1/people-invitations').toBe(true);
  return { email, link: await linkTo(request, email, 'invitacion') };
}

// The same, with a password of their own, and signed in on this page.
export async function colleague(page, request, password) {
  const { email, link } = await invited(request);
  const person = new Person(page);
  await page.goto(link);
  await person.field('Contraseña nueva').fill(password);
  await person.button('Guardar y entrar').click();
  await expect(page).toHaveURL(/\/inicio$/);
  return { user: email, password };
}
