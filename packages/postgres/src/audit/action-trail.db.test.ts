import { randomUUID } from 'node:crypto';
import type { AuditFilter } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { ActionTrail } from './action-trail.ts';
import { PostgresOperatorAudit } from './postgres-operator-audit.ts';

test('what operators did is found by who, what, how and when, latest first, and goes on before a place', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const audit = new PostgresOperatorAudit({ pool });
  const begin = async (operator: string, verb: string) => {
    const action = { id: randomUUID(), operator, verb, arguments: {}, correlationId: randomUUID() };
    await audit.begin(action);
    return action;
  };
  await audit.end((await begin('ada', 'migrate')).id, { succeeded: true });
  await audit.end((await begin('bob', 'migrate')).id, { succeeded: false, error: 'no' });
  const { correlationId } = await begin('ada', 'job cancel');

  const trail = new ActionTrail({ pool });
  const found = async (filter: AuditFilter, before?: number) =>
    (await trail.page(filter, before)).entries.map(({ place, entry }) => `${place} ${entry.operator} ${entry.verb}`);
  expect(await found({})).toEqual(['5 ada job cancel', '3 bob migrate', '1 ada migrate']);
  expect(await found({}, 5)).toEqual(['3 bob migrate', '1 ada migrate']);
  expect(await found({ user: 'ada', verb: 'migrate' })).toEqual(['1 ada migrate']);
  expect(await found({ outcome: 'done' })).toEqual(['1 ada migrate']);
  expect(await found({ outcome: 'failed' })).toEqual(['3 bob migrate']);
  expect(await found({ outcome: 'open' })).toEqual(['5 ada job cancel']);
  expect(await found({ correlationId })).toEqual(['5 ada job cancel']);
  const soon = new Date(Date.now() + 60_000).toISOString();
  expect(await found({ since: soon })).toEqual([]);
  expect(await found({ until: soon })).toHaveLength(3);
  await pool.end();
});
