import { commandAuditContract, sampleCommand, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresCommandAudit } from './postgres-command-audit.ts';
import { verifyAudit } from './verify-audit.ts';

async function make() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    audit: new PostgresCommandAudit({ pool }),
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

commandAuditContract('PostgresCommandAudit', make);

test('the service role can neither alter nor remove entries, nor add any past the chain', async () => {
  await using subject = await make();
  await subject.audit.record([sampleCommand()]);
  for (const table of ['command_audit', 'operator_chain']) {
    for (const sql of [`update kiroku.${table} set hash = ''`, `delete from kiroku.${table}`, `truncate kiroku.${table}`])
      await expect(subject.pool.query(sql)).rejects.toMatchObject({ code: '42501' });
    await expect(subject.pool.query(`insert into kiroku.${table} default values`)).rejects.toMatchObject({ code: '42501' });
    await expect(subject.pool.query(`alter table kiroku.${table} disable trigger all`)).rejects.toMatchObject({ code: '42501' });
  }
  await expect(subject.pool.query(`select kiroku.chain_operator_entry(gen_random_uuid(), 'begin', '{}')`)).rejects.toMatchObject({
    code: '42501',
  });
});

test('a database that a restore has closed to connections is away, not defective', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const admin = createPool({ url: database.url.replace(/[^/]+$/, 'postgres'), applicationName: 'kiroku-tests' });
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  await admin.query(`alter database ${database.name} allow_connections false`);
  await expect(new PostgresCommandAudit({ pool }).record([sampleCommand()])).rejects.toMatchObject({ code: 'DatabaseUnavailable' });
  await Promise.all([pool.end(), admin.end()]);
});

test('several services write one chain', async () => {
  await using subject = await make();
  await Promise.all(
    Array.from({ length: 20 }, (_, service) => subject.audit.record([1, 2, 3].map(() => sampleCommand({ instance: `s:${service}` })))),
  );
  const { entries } = await subject.audit.page({});
  expect(entries.map(({ place }) => place)).toEqual(Array.from({ length: 60 }, (_, index) => 60 - index));
  expect(await verifyAudit(subject.pool)).toMatchObject({ findings: [], heads: [{ chain: 'commands', sequence: 60 }, { sequence: 0 }] });
});

test('texts that are too long or that the database cannot hold are kept as far as they can be', async () => {
  await using subject = await make();
  await subject.audit.record([sampleCommand({ user: 'u'.repeat(10_000), code: 'a\u0000b\ud800c', stream: `'; drop table x; --` })]);
  const [kept] = (await subject.audit.page({})).entries;
  expect(kept?.entry).toMatchObject({ user: 'u'.repeat(250), code: 'ab\u{fffd}c', stream: `'; drop table x; --` });
  expect((await verifyAudit(subject.pool)).findings).toEqual([]);
});

test('a long audit is looked through part by part, and says how far', async () => {
  await using subject = await make();
  for (let batch = 0; batch < 6; batch++)
    await subject.audit.record(Array.from({ length: 1_000 }, (_, n) => sampleCommand({ user: batch === 0 && n === 0 ? 'ada' : 'bob' })));
  const inParts = new PostgresCommandAudit({ pool: subject.pool, span: 5_000 });
  const first = await inParts.page({ user: 'ada' });
  expect(first).toMatchObject({ entries: [], next: 1_001, looked: 5_000, reached: expect.stringMatching(/Z$/) });
  const second = await inParts.page({ user: 'ada' }, first.next);
  expect(second).toMatchObject({ entries: [{ place: 1 }], looked: 1_000 });
  expect(second.next).toBeUndefined();
  expect(await subject.audit.page({ user: 'ada' })).toMatchObject({ entries: [{ place: 1 }], looked: 6_000 }); // in few parts
  const full = await subject.audit.page({ user: 'bob' });
  expect(full).toMatchObject({ next: 5_501, looked: 500 });
  expect(full.entries).toHaveLength(500);
});
