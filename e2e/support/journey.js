// What every journey has: a page that is watched for faults, an open ticket and a mail address of its own, and axe.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { test as base, expect } from '@playwright/test';
import { ownServer } from './server.js';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };

// Collects whatever a person would never see and must not happen: console errors, exceptions, CSP reports, 5xx.
class Watch {
  constructor(page) {
    this.faults = [];
    this.expected = [];
    page.on('pageerror', (error) => this.faults.push(`exception: ${error.name}: ${error.message} ${error.stack}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'assert') return;
      // Chromium also logs every 4xx answer; those that a journey provokes are named with `expectAnswer`.
      const { url } = message.location();
      if (message.text().startsWith('Failed to load resource') && this.expected.some((path) => url.includes(path))) return;
      this.faults.push(`console: ${message.text()} (${url})`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) this.faults.push(`${response.status()} from ${response.url()}`);
    });
    page.on('requestfailed', (request) => {
      // A download or a navigation cancels what was under way.
      const reason = request.failure()?.errorText;
      if (reason !== 'net::ERR_ABORTED') this.faults.push(`${reason}: ${request.url()}`);
    });
  }

  // From here a refusal of this address is part of the journey.
  expectAnswer(path) {
    this.expected.push(path);
  }
}

export const test = base.extend({
  baseURL: async ({}, use) => use(ownServer().address),

  watch: [
    async ({ page }, use) => {
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI} ${event.sample}`);
        });
      });
      const watch = new Watch(page);
      await use(watch);
      expect(watch.faults, 'faults behind the page').toEqual([]);
    },
    { auto: true },
  ],

  // An open ticket of the demo; a server's journeys run one by one, so whoever reads the list has it alone.
  ticket: async ({ request }, use) => {
    const answer = await request.get('/api/v1/rehearsal');
    expect(answer.ok(), 'GET /api/v1/rehearsal').toBe(true);
    const { tickets } = await answer.json();
    expect(tickets.length, 'open tickets of the demo').toBeGreaterThan(0);
    await use(tickets[0]);
  },

  email: async ({}, use, info) => use(`recorrido-${info.testId.slice(-12)}-${info.retry}@correo.example`),
});

export { expect };

// No barrier that axe can see, and nothing to scroll sideways.
export async function examine(page, what) {
  await page.evaluate(`${AXE};0`);
  const { violations } = await page.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }),
    WCAG,
  );
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)}`));
  expect(found, `axe on ${what}`).toEqual([]);
  const { needed, given } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { needed: scrollWidth, given: clientWidth };
  });
  expect(needed, `${what} scrolls sideways`).toBeLessThanOrEqual(given);
}

// Clicks a download and gives the file's name and bytes.
export async function download(page, control) {
  const [file] = await Promise.all([page.waitForEvent('download'), control.click()]);
  expect(await file.failure()).toBeNull();
  return { name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path()) };
}

// A page puts the focus where one begins a frame after it is drawn.
export const drawn = (page) => page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))));

// Presses Tab until the control has the focus, as somebody without a mouse does.
export async function tabTo(page, control, presses = 60) {
  await expect(control.filter({ visible: true }).first()).toBeVisible();
  await drawn(page);
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press('Tab');
    if (await control.evaluateAll((found) => found.includes(document.activeElement))) return;
  }
  throw new Error(`Tab does not reach ${control}`);
}
