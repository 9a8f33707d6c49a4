import { AuditClient } from '@kiroku/client';
import { openAuditStores, openOperatingStores } from '@kiroku/operations';
import { createPool, migrate, PostgresCommandAudit, PostgresEventStore } from '@kiroku/postgres';
import { sampleCommand, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

/** The API over one command of each kind and one action, and its client. */
async function serve() {
  const databases = {
    event_store: await throwAwayDatabase('event_store', migrate),
    command_db: await throwAwayDatabase('command_db', migrate),
  };
  const urls = { event_store: databases.event_store.serviceUrl, command_db: databases.command_db.serviceUrl };
  const stores = openOperatingStores(urls, 'kiroku-tests');
  const audit = openAuditStores(urls, 'kiroku-tests');
  const pool = createPool({ url: urls.command_db, applicationName: 'kiroku-tests' });
  await stores.audit.begin({
    id: '0193a5b0-7c1e-7000-8000-000000000001',
    operator: 'ada',
    verb: 'migrate',
    arguments: { a: 1 },
    correlationId: '0193a5b0-7c1e-7000-8000-000000000002',
  });
  await using log = new PostgresEventStore({ url: urls.event_store });
  const metadata = { commandId: 'c1', commandType: 'PlaceOrder', actor: 'bob', sourceAddress: '203.0.113.9', correlationId: 'r1' };
  await log.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events: [{ type: 'Placed', data: {}, metadata }] }] });
  await new PostgresCommandAudit({ pool }).record([sampleCommand({ user: 'eve', code: 'InsufficientStock' })]);
  const api = await serveOperations({ stores, audit });
  return {
    client: new AuditClient(api),
    url: api.url,
    commandDb: urls.command_db,
    pool,
    async [Symbol.asyncDispose]() {
      await Promise.all([api, stores, audit].map((each) => each[Symbol.asyncDispose]()));
      await pool.end();
      for (const database of Object.values(databases)) await database[Symbol.asyncDispose]();
    },
  };
}

describe('the operations API on the audit', () => {
  let given: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    given = await serve();
  });
  afterAll(() => given[Symbol.asyncDispose]());

  it('tells of commands and of what operators did, latest first, and how far it looked', async () => {
    const { entries, looked, since } = await given.client.listAudit({ limit: 10 });
    expect(entries).toMatchObject([
      { kind: 'command', user: 'eve', outcome: 'rejected', code: 'InsufficientStock', sequence: 1 },
      { kind: 'command', user: 'bob', outcome: 'accepted', type: 'PlaceOrder', position: 1, sourceAddress: '203.0.113.9' },
      { kind: 'operator', operator: 'ada', verb: 'migrate', arguments: { a: 1 } },
    ]);
    expect(looked).toBe(3);
    expect(since).toMatch(/Z$/);
  });

  it('goes on after a cursor, and finds what is asked for', async () => {
    const { client } = given;
    const first = await client.listAudit({ limit: 1 });
    const rest = await client.listAudit({ limit: 10, cursor: first.cursor ?? '' });
    expect(rest.entries.map(({ kind }) => kind)).toEqual(['command', 'operator']);
    expect(rest.cursor).toBeUndefined();
    expect((await client.listAudit({ kind: 'operator' })).entries).toHaveLength(1);
    expect((await client.listAudit({ correlationId: 'r1', outcome: 'accepted' })).entries).toMatchObject([{ user: 'bob' }]);
  });

  it.each([
    'limit=0',
    'limit=100000',
    'cursor=x',
    `cursor=${Buffer.from('[[1,1,1],"0000-01-01T00:00:00Z"]').toString('base64url')}`,
    'outcome=fine',
    'since=yesterday',
    'since=0000-01-01T00:00:00Z',
    'until=9999-12-31T23:59:59-15:00',
    `user=${'%00'}`,
  ])('refuses %s', async (query) => {
    const answer = await fetch(`${given.url}/operations/audit/entries?${query}`);
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: 'BadRequest' })]);
  });

  it.each(['0001-01-01T00:00:00Z', '2000-01-01T00:00:00-23:59'])(
    'finds what was since %s, which PostgreSQL cannot read or go before',
    async (since) => {
      expect((await given.client.listAudit({ since })).entries).toHaveLength(3);
      const actions = await fetch(`${given.url}/operations/audit?since=${encodeURIComponent(since)}`);
      expect(await actions.json()).toHaveLength(1);
    },
  );

  it('without the log has what operators did, and says why it has no more', async () => {
    await using audit = openAuditStores({ command_db: given.commandDb }, 'kiroku-tests');
    await using api = await serveOperations({ stores: {} as never, audit });
    const client = new AuditClient(api);
    expect((await client.listAudit({ kind: 'operator' })).entries).toMatchObject([{ verb: 'migrate' }]);
    const missing = [{ trail: 'accepted', reason: expect.stringContaining('event store') }];
    expect(await client.listAudit({})).toMatchObject({ entries: [{ user: 'eve' }, { verb: 'migrate' }], missing });
    await expect(client.listAudit({ outcome: 'accepted' })).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('verifies the chains, against heads they had', async () => {
    const { client } = given;
    const heads = await client.auditHeads();
    expect(heads).toMatchObject([
      { chain: 'commands', sequence: 1 },
      { chain: 'operators', sequence: 1 },
    ]);
    expect(await client.verifyAudit(heads)).toEqual({ findings: [], heads });
    const longer = heads.map((head) => ({ ...head, sequence: 7 }));
    expect((await client.verifyAudit(longer)).findings).toMatchObject([
      { chain: 'commands', kind: 'TailCut', sequence: 2, lastSequence: 7 },
      { chain: 'operators', kind: 'TailCut' },
    ]);
    const answer = await fetch(`${given.url}/operations/audit/verification?head=commands:1`);
    expect(answer.status).toBe(400);
  });
});
