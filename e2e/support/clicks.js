// Counts what a person does: presses of the mouse and keys typed into the page, and the seconds between two moments.
export class Clicks {
  static async of(page) {
    const counted = { clicks: 0, keys: 0 };
    await page.exposeBinding('countedByTheJourney', (_, what) => { counted[what] += 1; });
    const listen = () => {
      // What a script presses is nobody's: only what comes from the mouse and the keyboard counts.
      const count = (what) => (event) => event.isTrusted && globalThis.countedByTheJourney(what);
      addEventListener('pointerdown', count('clicks'), true);
      addEventListener('keydown', count('keys'), true);
    };
    await page.addInitScript(listen);
    await page.evaluate(listen);
    return new Clicks(counted);
  }

  constructor(counted) {
    this.counted = counted;
    this.begin();
  }

  begin() {
    this.counted.clicks = 0;
    this.counted.keys = 0;
    this.since = Date.now();
  }

  // What was done since `begin`.
  end() {
    return { ...this.counted, seconds: (Date.now() - this.since) / 1000 };
  }
}
