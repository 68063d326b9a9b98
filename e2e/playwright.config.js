// Journeys of a file run one after another, three files at once, each worker's against a real server of its own.
import { defineConfig } from '@playwright/test';

// Never Playwright's own browser: an installed Chromium, which scripts/test.sh finds.
const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error('CHROMIUM is not set; run `make e2e`');

export default defineConfig({
  testDir: 'journeys',
  outputDir: 'test-results',
  globalSetup: './support/server.js',
  // One more than the cores that this is made for: journeys wait for codes, letters and a bank.
  workers: 3,
  forbidOnly: true,
  // A browser on a machine with other work loses a race now and then: whoever passes at the second try is told as flaky.
  retries: 1,
  // Long enough for a machine with other work: only what fails waits for it.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    locale: 'es-MX',
    timezoneId: 'America/Mexico_City',
    // Still pages: axe judges colours, and those must not be caught half-way.
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    // Recording every journey takes an eighth of their time; the second try tells what happened.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--no-proxy-server',
        // A camera that shows a test picture.
        '--use-fake-device-for-media-stream',
      ],
    },
  },
});
