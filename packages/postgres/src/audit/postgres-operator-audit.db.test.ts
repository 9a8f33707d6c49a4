import { operatorAuditContract, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresOperatorAudit } from './postgres-operator-audit.ts';

async function make() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    audit: new PostgresOperatorAudit({ pool }),
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

operatorAuditContract('PostgresOperatorAudit', make);

test.each(['operator_actions', 'operator_outcomes'])('the service role can neither alter nor remove rows of %s', async (table) => {
  await using subject = await make();
  for (const sql of [`update kiroku.${table} set at = at`, `delete from kiroku.${table}`, `truncate kiroku.${table} cascade`]) {
    await expect(subject.pool.query(sql)).rejects.toMatchObject({ code: '42501' });
  }
});
