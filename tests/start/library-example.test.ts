import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, migrate } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { library } from '../../docs/examples/library.ts';
import { scrape } from '../shop/scrape.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loanId = '7c5be1fb-3a8f-4b7e-9b53-9d3f2a5d6b11';

test('the smallest services, built as the guide says, carry out a loan, show it, and tell of what waits', async () => {
  await promisify(execFile)(`${root}node_modules/.bin/tsc`, ['-p', 'docs/examples'], { cwd: root });
  await using events = await throwAwayDatabase('event_store', migrate);
  await using command = await throwAwayDatabase('command_db', migrate);
  await using query = await throwAwayDatabase('query_db', migrate);
  const [commands, queries] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    COMMANDS_PORT: String(commands),
    QUERIES_PORT: String(queries),
    EVENT_STORE_DATABASE_URL: events.serviceUrl,
    COMMAND_DATABASE_URL: command.serviceUrl,
    QUERY_DATABASE_URL: query.serviceUrl,
  };
  const running = ['command-service', 'query-service'].map((name) =>
    spawn(process.execPath, [`${root}docs/examples/dist/${name}.js`], { env, stdio: 'ignore' }),
  );
  try {
    for (const port of [commands, queries]) await expect.poll(() => statusOf(`http://127.0.0.1:${port}/health/ready`)).toBe(200);
    const request = { loanId, books: ['emma', 'ulysses'], cents: 500 };
    const asked = await fetch(`http://127.0.0.1:${commands}/commands/RequestLoan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    expect(await asked.json()).toMatchObject({ outcome: 'accepted', position: 1 });
    const shown = () => fetch(`http://127.0.0.1:${queries}/loans/${loanId}?atLeast=1`).then((answer) => answer.json());
    await expect.poll(shown).toMatchObject({ loan: { books: request.books, status: 'lent' } });
    const ofCommands = await scrape(`http://127.0.0.1:${commands}`);
    expect(ofCommands.count('kiroku_sagas_open', { service: 'commands' })).toBe(library.processManagers.length);
    expect(ofCommands.count('kiroku_backup_missing_seconds', {})).toBe(1);
    const ofQueries = await scrape(`http://127.0.0.1:${queries}`);
    expect(ofQueries.count('kiroku_projection_lag_seconds', { service: 'queries' })).toBe(library.projections.length);
  } finally {
    await Promise.all(running.map(stop));
  }
});

function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0, // it does not listen yet
  );
}

async function stop(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) return;
  service.kill('SIGTERM');
  await once(service, 'exit');
}
