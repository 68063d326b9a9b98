// Counts what a person does, as the product's targets count it: a click is a click, a tap, or an Enter that commits;
// a key is a character typed, and a paste is one; Tab and scrolling are free. What is counted is what the browser saw,
// not what a test believes it did.
import { test, expect } from './journey.js';

// Seconds of a practised hand, after Card, Moran and Newell's keystroke-level model: to point and press, to type a
// character, and to make up one's mind before a task.
const CLICK = 1.2;
const KEY = 0.2;
const THOUGHT = 1.35;

// A machine that others keep busy says nothing of the portal: what was waited is told, and judged only where the machine
// is known to be quiet, with E2E_JUDGE_SECONDS=1.
export const JUDGES_SECONDS = process.env.E2E_JUDGE_SECONDS === '1';

export class Count {
  clicks = 0;
  keys = 0;

  static async on(page) {
    const count = new Count();
    count.page = page;
    await page.exposeBinding('countOne', (_, what) => {
      count[what] += 1;
    });
    const watch = () => {
      const one = (what) => void globalThis.countOne?.(what);
      addEventListener('pointerdown', (event) => event.isTrusted && one('clicks'), true);
      addEventListener('keydown', (event) => {
        if (!event.isTrusted || event.ctrlKey || event.metaKey) return;
        if (event.key === 'Enter') one('clicks');
        else if (event.key.length === 1) one('keys');
      }, true);
    };
    await page.addInitScript(watch);
    return count;
  }

  // The list of a native control is the browser's own and cannot be pressed by a test: one to open it, one to choose.
  async choose(select, option) {
    await select.selectOption(option);
    this.clicks += 2;
  }

  // A password manager or a paste.
  async paste(text) {
    await this.page.keyboard.insertText(text);
    this.keys += 1;
  }

  // Does a task within its clicks, keys and seconds. The seconds are the hand's by the model, and where they are judged
  // the portal's own by the clock, from the first act until `done` is there.
  async task(what, most, acts, done = async () => {}) {
    [this.clicks, this.keys] = [0, 0];
    const started = Date.now();
    const came = await acts();
    await done(came);
    const waited = (Date.now() - started) / 1_000;
    // What the browser saw last is on its way.
    await this.page.evaluate(() => new Promise((then) => setTimeout(then, 0)));
    const hand = THOUGHT + this.clicks * CLICK + this.keys * KEY;
    const said = `${this.clicks} clicks, ${this.keys} keys, ${hand.toFixed(1)} s by hand, ${waited.toFixed(1)} s by the portal`;
    test.info().annotations.push({ type: what, description: said });
    console.log(`    ${what}: ${said}`);
    expect(this.clicks, `clicks of: ${what}`).toBeLessThanOrEqual(most.clicks);
    expect(this.keys, `keys of: ${what}`).toBeLessThanOrEqual(most.keys ?? 0);
    if (most.seconds) {
      expect(hand + (JUDGES_SECONDS ? waited : 0), `seconds of: ${what}: ${said}`).toBeLessThanOrEqual(most.seconds);
    }
    return came;
  }
}
