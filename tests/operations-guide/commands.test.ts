import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningShop } from '../shop/running-shop.ts';
import { commands, statements } from './guide.ts';
import { Operator } from './operator.ts';

let shop: RunningShop;
let operator: Operator;
beforeAll(async () => {
  shop = await RunningShop.start();
  operator = await Operator.at(shop);
  await shop.kill('payment-simulator'); // so that logs have something to tell at every level
});
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await shop?.[Symbol.asyncDispose]();
});

/** What these say is about the shop and the machine it runs on, which may be busy. */
const verdicts: Readonly<Record<string, readonly number[]>> = {
  health: [0, 3],
  status: [0, 3],
  alerts: [0, 1, 3],
  doctor: [0, 1, 3], // servers of tests are quick, and forget
};

test.each(commands)('%s does what the guide says', async (command) => {
  const { code, stdout, stderr } = await operator.run(command);
  const expected = verdicts[command.split(' ')[1] ?? ''] ?? [0];
  expect({ code, ok: expected.includes(code ?? -1), stdout, stderr }).toMatchObject({ ok: true, stdout: expect.stringMatching(/\S/) });
  // until somebody holds the new builds; and while a migration looks whether there is anything to do, services are not ready
  if (/^kiroku (projection rebuild|migrate$)/.test(command)) await operator.run('kiroku health --wait');
});

/** On a connection of its own, as one of the roles. */
async function connected<T>(database: string, role: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const credentials = JSON.parse(await readFile(join(shop.dataDirectory, 'credentials.json'), 'utf8'));
  const port = Number(shop.environment.POSTGRES_PORT);
  const client = new pg.Client({ host: '127.0.0.1', port, user: role, password: credentials[role.replace('kiroku_', '')], database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const databases = ['event_store', 'command_db', 'query_db'];
const blocks = statements.flatMap(({ anchor, lines: [first = '', ...lines] }) => {
  const [, where = '', role = ''] = /^-- in (\w+|each database), as (\w+)$/.exec(first) ?? [];
  return (where === 'each database' ? databases : [where]).map((database) => ({ anchor, database, role, sql: lines.join('\n') }));
});

describe('SQL of the guide', () => {
  test.each(blocks)('about $anchor works in $database as $role', async ({ database, role, sql }) => {
    await connected(database, role, async (client) => {
      for (const statement of sql.split(/;(?:\n|$)/).filter((each) => each.trim() !== '')) await client.query(statement);
    });
  });

  test('names who waits for a lock, and who holds it', async () => {
    const locks = blocks.find(({ anchor }) => anchor === 'locks');
    const lock = 'select pg_advisory_lock(4711)';
    await connected('command_db', 'kiroku_maintenance', (holder) =>
      connected('command_db', 'kiroku_maintenance', async (waiter) => {
        await holder.query(lock);
        const waiting = waiter.query(lock);
        const found = () => connected('command_db', 'kiroku_maintenance', async (client) => (await client.query(locks?.sql ?? '')).rows);
        await expect.poll(found).toContainEqual(expect.objectContaining({ waits: lock, holds: lock }));
        await holder.query('select pg_advisory_unlock(4711)');
        await waiting;
      }),
    );
  });
});
