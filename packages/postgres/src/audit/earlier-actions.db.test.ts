import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { type MigrateOptions, migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { ActionTrail } from './action-trail.ts';
import { PostgresOperatorAudit } from './postgres-operator-audit.ts';
import { verifyAudit } from './verify-audit.ts';

test('what operators did before there was a chain is in it from the migration on, in the order it was done', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-migrations-'));
  const all = new URL('../../migrations/command_db/', import.meta.url);
  const earlier = (await readdir(all)).filter((file) => file < '0010');
  await Promise.all(earlier.map((file) => cp(new URL(file, all), join(directory, 'command_db', file))));
  const migrateEarlier = (options: MigrateOptions) => migrate({ ...options, directory });
  await using database = await throwAwayDatabase('command_db', migrateEarlier, { template: 'before_audit_chain' });
  await rm(directory, { recursive: true });
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const audit = new PostgresOperatorAudit({ pool });
  const [first, second] = ['up', 'migrate'].map((verb) => ({
    id: randomUUID(),
    operator: 'ada',
    verb,
    arguments: {},
    correlationId: randomUUID(),
  }));
  if (first === undefined || second === undefined) throw new Error('there are two');
  await audit.begin(first);
  await audit.begin(second);
  await audit.end(first.id, { succeeded: true });

  await migrate({ database: 'command_db', url: database.url });
  await audit.end(second.id, { succeeded: true }); // it was under way
  expect(await verifyAudit(pool)).toMatchObject({ findings: [], heads: [{ sequence: 0 }, { chain: 'operators', sequence: 4 }] });
  const { entries } = await new ActionTrail({ pool }).page({});
  expect(entries.map(({ place, entry }) => `${place} ${entry.verb} ${entry.outcome?.succeeded}`)).toEqual(['2 migrate true', '1 up true']);

  const superuser = new pg.Client({ connectionString: database.url });
  await superuser.connect();
  await superuser.query(`update kiroku.operator_actions set operator = 'eve' where verb = 'up'`);
  await superuser.end();
  expect((await verifyAudit(pool)).findings).toMatchObject([{ kind: 'EntryChanged', sequence: 1, entry: `${first.id} begin` }]);
  await pool.end();
});
