import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kill, kiroku, RunningShop } from '../shop/running-shop.ts';

let shop: RunningShop;
beforeAll(async () => {
  shop = await RunningShop.start();
});
afterAll(() => shop?.[Symbol.asyncDispose]());

interface Entry {
  readonly outcome: string;
  readonly [field: string]: unknown;
}

/** Through the gateway. */
async function audit(filter: Readonly<Record<string, string>>): Promise<readonly Entry[]> {
  const query = new URLSearchParams({ limit: '1000', ...filter });
  const answer = await fetch(`http://${shop.graphql.host}/operations/audit/entries?${query}`);
  return ((await answer.json()) as { readonly entries: readonly Entry[] }).entries; // the API's own schema
}

/** A command as command-service gets it. */
async function send(type: string, data: object, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const { status, body } = await fetch(`http://127.0.0.1:${shop.environment.COMMAND_SERVICE_PORT}/commands/${type}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(data),
  });
  await body?.cancel();
  return status;
}

const createCategory = (name: string, headers: Readonly<Record<string, string>>) =>
  send('CreateCategory', { categoryId: randomUUID(), name }, headers);

test('who sends a command through a proxy, and from where, is in the audit, accepted or not; what it carries is not', async () => {
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-for': '198.51.100.1, 203.0.113.9', // the first is what the client says of itself
    'x-forwarded-user': 'ada@example.org',
    'x-forwarded-groups': 'staff,admins',
    'x-actor': 'eve',
  };
  const correlationId = randomUUID();
  for (let n = 0; n < 2; n++) {
    const mutation = `mutation { createCategory(input: { name: "secret kettles" }) { categoryId } }`;
    await fetch(`http://${shop.graphql.host}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'x-correlation-id': correlationId },
      body: JSON.stringify({ query: mutation }),
    });
  }
  const from = { user: 'ada@example.org', role: 'staff,admins', sourceAddress: '203.0.113.9', type: 'CreateCategory', correlationId };
  await expect
    .poll(() => audit({ correlationId }))
    .toMatchObject([
      { ...from, outcome: 'rejected', code: 'CategoryNameTaken' },
      { ...from, outcome: 'accepted', durationMs: expect.any(Number) },
    ]);
  const { stdout } = await kiroku(shop, 'audit', '--correlation', correlationId, '--json');
  expect(JSON.parse(stdout)).toEqual(await audit({ correlationId }));
  expect(stdout).not.toContain('kettles');
});

test('after kill -9 all that was accepted is in the audit, and all else that a moment has passed since', async () => {
  const name = `Kettles ${randomUUID()}`;
  expect(await createCategory(name, { 'x-actor': 'before' })).toBe(200);
  for (let n = 0; n < 20; n++) expect(await createCategory(name, { 'x-actor': 'before' })).toBe(422);
  await expect.poll(async () => (await audit({ user: 'before' })).length).toBe(21); // written by itself, in a second
  expect(await createCategory(`Pots ${randomUUID()}`, { 'x-actor': 'at last' })).toBe(200);
  const { services } = await shop.processIds();
  kill(services['command-service'] ?? 0);
  const outcomes = (await audit({ user: 'before' })).map(({ outcome }) => outcome);
  expect(outcomes).toEqual([...Array.from({ length: 20 }, () => 'rejected'), 'accepted']);
  expect(await audit({ user: 'at last' })).toMatchObject([{ outcome: 'accepted' }]);
  await shop.kill('command-service');
});

test('commands are carried out while the audit cannot be written; it is, when that can be again', async () => {
  const name = `Pans ${randomUUID()}`;
  await shop.askDatabase('alter database command_db allow_connections false');
  await shop.askDatabase(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'command_db'`);
  expect(await createCategory(name, { 'x-actor': 'meanwhile' })).toBe(200);
  expect(await createCategory(name, { 'x-actor': 'meanwhile' })).toBe(422);
  await sleep(600); // the first attempt to write it fails
  await shop.askDatabase('alter database command_db allow_connections true');
  await expect.poll(async () => (await audit({ user: 'meanwhile' }))?.map(({ outcome }) => outcome)).toEqual(['rejected', 'accepted']);
});

test('what bad clients send is in the audit, without their text, and the audit stays whole', async () => {
  const crafted = { 'x-actor': 'mallory', 'x-forwarded-for': `${'1.2.3.4, '.repeat(500)}<script>`, 'idempotency-key': "'; drop table" };
  await Promise.all(Array.from({ length: 500 }, () => createCategory('x', crafted)));
  expect(await send('Explode', { secret: 'hunter2' }, { 'x-actor': 'mallory' })).toBe(404);
  expect(await send('CreateCategory', { secret: 'hunter2' }, { 'x-actor': 'mallory' })).toBe(400);
  await expect.poll(async () => (await audit({ user: 'mallory' })).length).toBe(502);
  const [badData, unknown, badId] = await audit({ user: 'mallory' });
  expect(badData).toMatchObject({ outcome: 'invalid', code: 'BadRequest', type: 'CreateCategory' });
  expect(unknown).toMatchObject({ outcome: 'invalid', code: 'UnknownCommand', type: 'Explode' });
  expect(badId).toMatchObject({ outcome: 'invalid', code: 'BadRequest', sourceAddress: '127.0.0.1' });
  expect(JSON.stringify([badData, unknown, badId])).not.toMatch(/hunter2|script|drop/);
  expect(await kiroku(shop, 'audit', 'verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('The audit is whole') });
});
