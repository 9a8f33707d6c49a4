import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isInstalled } from './installed.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs packages if they are not what the lock file says, and builds and bundles what changed. Ends the process if that fails. */
export async function prepare(tell = console.log) {
  if (!(await upToDate())) {
    tell('Installing packages (once; about half a minute)');
    await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  await runOrExit(
    process.execPath,
    [fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url)), '-b'],
    'The build failed',
  );
  await (await import('./bundle.mjs')).bundle(); // which needs what was installed
}

async function upToDate() {
  const [lock, installed] = await Promise.all([readJson('package-lock.json'), readJson('node_modules/.package-lock.json')]);
  return lock !== undefined && installed !== undefined && isInstalled(lock, installed);
}

async function readJson(path) {
  try {
    return JSON.parse(await readFile(new URL(`../${path}`, import.meta.url), 'utf8'));
  } catch {
    return undefined; // not there, or cut off: install
  }
}

export function npm(args) {
  // under `npm start` this is the npm that runs us
  const cli = process.env.npm_execpath;
  const what = `npm ${args[0]} failed`;
  return cli?.endsWith('.js') ? runOrExit(process.execPath, [cli, ...args], what) : runOrExit('npm', args, what);
}

/** Runs a program quietly; shows what it printed, and ends with code 1, if it fails. */
async function runOrExit(program, args, failure) {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  const ended = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  if (ended === 0) return;
  process.stderr.write(Buffer.concat(printed));
  console.error(`${failure} (${ended}). What it said is above.`);
  process.exit(1);
}
