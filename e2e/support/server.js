// Starts `ventanilla serve --demo` for the journeys of each worker, with empty data and a free port, and stops it as Ctrl-C
// would.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const START_MS = 90_000;
const STOP_MS = 60_000;
const RESULTS = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../test-results');

// The machine's own settings must not decide a result, and the server refuses keys that it does not know.
function cleanEnvironment(settings) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VENTANILLA_'));
  return { ...Object.fromEntries(inherited), ...settings };
}

// The server prints its address last and alone.
function addressOf(server, log) {
  return new Promise((resolve, reject) => {
    let printed = '';
    const fail = (why) => reject(new Error(`the server ${why}; its log:\n${fs.readFileSync(log, 'utf8').slice(-4000)}\n${printed}`));
    const timer = setTimeout(() => fail(`printed no address in ${START_MS / 1000} s`), START_MS);
    server.once('error', (error) => { clearTimeout(timer); reject(error); });
    server.once('exit', (code, signal) => { clearTimeout(timer); fail(`ended with ${signal ?? code}`); });
    server.stdout.setEncoding('utf8');
    server.stdout.on('data', (text) => {
      printed += text;
      const found = /^(http:\/\/localhost:\d+)\/?\s*$/m.exec(printed);
      if (found) {
        clearTimeout(timer);
        server.removeAllListeners('exit');
        resolve(found[1]);
      }
    });
  });
}

// Asks it to stop; a server that needs to be killed, or that complains, fails the run.
async function stop(server, log) {
  if (server.exitCode !== null || server.signalCode !== null) {
    throw new Error(`the server died during the journeys (${server.signalCode ?? server.exitCode}); see ${log}`);
  }
  const ended = new Promise((resolve) => server.once('exit', (code, signal) => resolve(signal ?? code)));
  server.kill('SIGINT');
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_MS);
  const how = await ended;
  clearTimeout(timer);
  if (how !== 0) throw new Error(`the server did not stop cleanly (${how}); see ${log}`);
}

// One server of its own data and port; under a profile, for the journeys of a manual; empty, for who begins with nothing;
// or the one that a worker's journeys share.
export async function begin({ profile, history = true, empty = false, worker } = {}) {
  const binary = process.env.E2E_SERVER;
  if (!binary) throw new Error('E2E_SERVER is not set; run `make e2e`');
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'ventanilla-e2e-'));
  const folder = path.join(data, 'data');
  fs.mkdirSync(RESULTS, { recursive: true });
  const own = profile ?? (empty ? 'empty' : undefined);
  const log = path.join(RESULTS, own ? `server-${own}-${path.basename(data)}.log` : `server-${worker}.log`);
  const demo = ['--demo', ...(profile ? ['--profile', profile] : [])];
  const server = spawn(binary, ['serve', ...(empty ? [] : demo)], {
    cwd: data,
    env: cleanEnvironment({
      VENTANILLA_LISTEN: '127.0.0.1:0',
      VENTANILLA_DATA_DIR: folder,
      ...(empty ? { VENTANILLA_REHEARSAL: 'true' } : {}),
      VENTANILLA_DEMO_HISTORY: String(history),
      // Where the journeys send webhooks: a name that needs no network to be known, and a port where nobody listens.
      VENTANILLA_WEBHOOKS__PRIVATE_HOSTS: 'localhost:9',
    }),
    stdio: ['ignore', 'pipe', fs.openSync(log, 'w')],
  });
  const forget = () => fs.rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  let address;
  try {
    address = await addressOf(server, log);
  } catch (error) {
    server.kill('SIGKILL');
    forget();
    throw error;
  }
  const end = async () => {
    try {
      await stop(server, log);
    } finally {
      forget();
    }
  };
  return { address, end, folder };
}

// Journeys of two files run at once, each against its worker's own server: whoever reads a list has it alone.
export default async function start({ workers }) {
  const servers = await Promise.all(Array.from({ length: workers }, (_, worker) => begin({ worker })));
  // Its folder is for commands that an operator types beside it.
  process.env.E2E_SERVERS = JSON.stringify(servers.map(({ address, folder }) => ({ address, folder })));
  return async () => {
    for (const { end } of servers) await end();
  };
}

// The server of the worker that asks.
export function ownServer() {
  return JSON.parse(process.env.E2E_SERVERS)[Number(process.env.TEST_PARALLEL_INDEX)];
}
