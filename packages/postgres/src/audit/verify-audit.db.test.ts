import { randomUUID } from 'node:crypto';
import { sampleCommand, type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import type { AuditHead } from './audit-finding.ts';
import { planAuditMaintenance, pruneCommandAudit } from './maintain-command-audit.ts';
import { PostgresCommandAudit } from './postgres-command-audit.ts';
import { PostgresOperatorAudit } from './postgres-operator-audit.ts';
import { readAuditHeads, verifyAudit } from './verify-audit.ts';

const ids = Array.from({ length: 3 }, () => randomUUID());

/** Five commands without events, and three actions of operators of which the third is under way: five entries in each chain. */
class TamperedAudit implements AsyncDisposable {
  readonly #database: ThrowAwayDatabase;
  readonly #superuser: pg.Client;
  readonly pool: Pool;

  static async make(): Promise<TamperedAudit> {
    const database = await throwAwayDatabase('command_db', migrate);
    const made = new TamperedAudit(database, new pg.Client({ connectionString: database.url }));
    await made.#superuser.connect();
    await new PostgresCommandAudit({ pool: made.pool }).record(['a', 'b', 'c', 'd', 'e'].map((user) => sampleCommand({ user })));
    const audit = new PostgresOperatorAudit({ pool: made.pool });
    for (const [n, id] of ids.entries()) {
      await audit.begin({ id, operator: 'ada', verb: 'migrate', arguments: { n, text: 'Łódź "q"' }, correlationId: randomUUID() });
      if (n === 0) await audit.end(id, { succeeded: true, after: { done: [1, null] } });
      if (n === 1) await audit.end(id, { succeeded: false, error: 'no' });
    }
    return made;
  }

  private constructor(database: ThrowAwayDatabase, superuser: pg.Client) {
    this.#database = database;
    this.#superuser = superuser;
    this.pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 2 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.end();
    await this.#superuser.end();
    await this.#database[Symbol.asyncDispose]();
  }

  get serviceUrl(): string {
    return this.#database.serviceUrl;
  }

  get maintenanceUrl(): string {
    return this.#database.maintenanceUrl;
  }

  /** As the superuser, past the triggers. */
  async tamper(sql: string): Promise<void> {
    await this.#superuser.query(`set session_replication_role = replica; ${sql}`);
  }

  async found(heads?: readonly AuditHead[]): Promise<readonly string[]> {
    const { findings } = await verifyAudit(this.pool, heads);
    return findings.map(({ chain, kind, sequence, lastSequence, entry }) =>
      [chain, kind, sequence ?? entry, lastSequence].filter((part) => part !== undefined).join(' '),
    );
  }
}

describe('an audit that was tampered with', () => {
  const renumber = (table: string, from: number, to: number) =>
    `update kiroku.${table} set sequence = -1 where sequence = ${from};
     update kiroku.${table} set sequence = ${from} where sequence = ${to};
     update kiroku.${table} set sequence = ${to} where sequence = -1`;

  test.each([
    ['nothing', 'select 1', []],
    ['a user', `update kiroku.command_audit set actor = 'eve' where sequence = 3`, ['commands EntryChanged 3']],
    ['a null', `update kiroku.command_audit set code = '' where sequence = 5`, ['commands EntryChanged 5']],
    [
      'a time',
      `update kiroku.command_audit set recorded_at = recorded_at + '1 microsecond' where sequence = 1`,
      ['commands EntryChanged 1'],
    ],
    ['a hash', `update kiroku.command_audit set hash = sha256('x') where sequence = 2`, ['commands EntryChanged 2']],
    ['entries that are gone', 'delete from kiroku.command_audit where sequence in (2, 3)', ['commands EntryRemoved 2 3']],
    ['the first that is gone', 'delete from kiroku.command_audit where sequence = 1', ['commands EntryRemoved 1']],
    ['two that were swapped', renumber('command_audit', 2, 4), ['commands EntryMoved 2', 'commands EntryMoved 4']],
    [
      'one that was put in with a hash of its own',
      `update kiroku.command_audit set sequence = sequence + 10 where sequence > 3;
       update kiroku.command_audit set sequence = sequence - 9 where sequence > 10;
       insert into kiroku.command_audit
       select 4, gen_random_uuid(), recorded_at, received_at, 0, 'rejected', null, null, null, null, 'eve', null, null, null, null, null, hash, hash
       from kiroku.command_audit where sequence = 3`,
      ['commands EntryChanged 4', 'commands EntryMoved 5', 'commands EntryMoved 6'],
    ],
    ['what an operator did', `update kiroku.operator_actions set verb = 'up' where id = '${ids[1]}'`, ['operators EntryChanged 3']],
    [
      'how it ended',
      `update kiroku.operator_outcomes set error = null, succeeded = true where action = '${ids[1]}'`,
      ['operators EntryChanged 4'],
    ],
    [
      'the space in an argument',
      `update kiroku.operator_actions set arguments = '{ }' where id = '${ids[0]}'`,
      ['operators EntryChanged 1'],
    ],
    ['an end that is gone', `delete from kiroku.operator_outcomes where action = '${ids[0]}'`, ['operators EntryRemoved 2']],
    [
      'an end that is gone with its place',
      `delete from kiroku.operator_outcomes where action = '${ids[0]}'; delete from kiroku.operator_chain where sequence = 2`,
      ['operators EntryRemoved 2'],
    ],
    [
      'an end that was put in',
      `insert into kiroku.operator_outcomes (action, succeeded) values ('${ids[2]}', true)`,
      [`operators EntryInserted ${ids[2]} end`],
    ],
    ['two that were swapped in their chain', renumber('operator_chain', 1, 3), ['operators EntryMoved 1', 'operators EntryMoved 3']],
    [
      'a chain that was cut and goes on',
      `update kiroku.operator_chain set previous_hash = sha256('x'),
         hash = kiroku.audit_hash('kiroku.audit.operator.v1', sha256('x'), 5, kiroku.action_fields(a))
       from kiroku.operator_actions a where sequence = 5 and a.id = action`,
      ['operators ChainBroken 5'],
    ],
  ])('shows %s', async (_title, sql, expected) => {
    await using audit = await TamperedAudit.make();
    await audit.tamper(sql);
    expect(await audit.found()).toEqual(expected);
  });

  test('shows against an earlier head that its end is missing, or that its history was written anew', async () => {
    await using audit = await TamperedAudit.make();
    const heads = await readAuditHeads(audit.pool);
    expect(heads.map(({ chain, sequence }) => `${chain} ${sequence}`)).toEqual(['commands 5', 'operators 5']);
    expect(await audit.found(heads)).toEqual([]);
    await audit.tamper(
      `delete from kiroku.command_audit where sequence > 3;
       update kiroku.operator_actions set operator = 'eve' where id = '${ids[2]}';
       update kiroku.operator_chain set hash = kiroku.audit_hash('kiroku.audit.operator.v1', previous_hash, 5, kiroku.action_fields(a))
       from kiroku.operator_actions a where sequence = 5 and a.id = action`,
    );
    expect(await audit.found()).toEqual([]);
    expect(await audit.found(heads)).toEqual(['commands TailCut 4 5', 'operators ChainRewritten 5']);
  });
});

test('entries of any text are verified over several pages, and what is wrong among them is named', async () => {
  await using audit = await TamperedAudit.make();
  const odd = ['a"b\\', '\u0001\u2028', '[1,null]', '', '🫖', 'null'];
  const commands = Array.from({ length: 4_500 }, (_, n) => sampleCommand({ user: odd[n % odd.length] ?? '' }));
  await new PostgresCommandAudit({ pool: audit.pool }).record(commands);
  expect((await verifyAudit(audit.pool)).heads).toMatchObject([{ chain: 'commands', sequence: 4_505 }, { chain: 'operators' }]);
  expect(await audit.found()).toEqual([]);
  await audit.tamper(`update kiroku.command_audit set code = 'x' where sequence in (2000, 4001)`);
  expect(await audit.found()).toEqual(['commands EntryChanged 2000', 'commands EntryChanged 4001']);
});

test('the clock of the database going back changes neither order nor time of what is recorded', async () => {
  await using audit = await TamperedAudit.make();
  const commands = new PostgresCommandAudit({ pool: audit.pool });
  // as if the last had been recorded in another year
  await audit.tamper(
    `update kiroku.command_audit set recorded_at = '2099-01-01' where sequence = 5;
     update kiroku.command_audit a set hash = kiroku.audit_hash('kiroku.audit.command.v1', previous_hash, 5, array[
       id::text, kiroku.audit_time(recorded_at), kiroku.audit_time(received_at), duration_us::text, outcome, code, command_id, type, stream,
       actor, role, source_address, correlation_id, instance, lost::text]) where sequence = 5`,
  );
  await commands.record([sampleCommand({ user: 'f' })]);
  const [last] = (await commands.page({ since: '2098-12-31T00:00:00Z' })).entries;
  expect(last).toMatchObject({ place: 6, at: '2099-01-01T00:00:00.000000Z', entry: { user: 'f' } });
  expect(await audit.found()).toEqual([]);
});

describe('commands that are older than they are kept', () => {
  const age = (sequence: number) =>
    `update kiroku.command_audit set recorded_at = recorded_at - interval '500 days' where sequence <= ${sequence}`;

  test('are removed by the maintenance role alone, and the chain is verified from there on', async () => {
    await using audit = await TamperedAudit.make();
    const heads = await readAuditHeads(audit.pool);
    expect(await planAuditMaintenance({ url: audit.maintenanceUrl })).toEqual([]);
    await audit.tamper(age(3));
    expect(await planAuditMaintenance({ url: audit.maintenanceUrl })).toMatchObject([{ kind: 'pruneCommandAudit' }]);
    await expect(pruneCommandAudit({ url: audit.serviceUrl })).rejects.toMatchObject({ code: 'ConfigurationInvalid' });
    await pruneCommandAudit({ url: audit.maintenanceUrl });
    const commands = new PostgresCommandAudit({ pool: audit.pool });
    expect((await commands.page({})).entries.map(({ place }) => place)).toEqual([5, 4]);
    expect(await audit.found(heads)).toEqual([]);
    await commands.record([sampleCommand()]);
    expect(await audit.found()).toEqual([]);
    await audit.tamper('delete from kiroku.command_audit where sequence = 4');
    expect(await audit.found()).toEqual(['commands EntryRemoved 4']);
  });

  test('leave the last, so that the chain goes on', async () => {
    await using audit = await TamperedAudit.make();
    await audit.tamper(age(5));
    await pruneCommandAudit({ url: audit.maintenanceUrl });
    await pruneCommandAudit({ url: audit.maintenanceUrl });
    const commands = new PostgresCommandAudit({ pool: audit.pool });
    await commands.record([sampleCommand()]);
    expect((await commands.page({})).entries.map(({ place }) => place)).toEqual([6, 5]);
    expect(await audit.found([{ chain: 'commands', sequence: 2, hash: '0'.repeat(64) }])).toEqual(['commands EntryChanged 5']); // we changed its time
  });

  test('and are put back are found', async () => {
    await using audit = await TamperedAudit.make();
    await audit.tamper(age(3));
    await audit.tamper('create table kept as select * from kiroku.command_audit where sequence = 2');
    await pruneCommandAudit({ url: audit.maintenanceUrl });
    await audit.tamper('insert into kiroku.command_audit select * from kept');
    expect(await audit.found()).toEqual(['commands EntryInserted 2']);
  });
});
