import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { PostgresBackgroundWork } from './postgres-background-work.ts';

/** A log and what works on it, for tests of looking at that. */
export async function storedWork() {
  const [log, commands] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('command_db', migrate)]);
  const urls = { event_store: log.serviceUrl, command_db: commands.serviceUrl };
  const work = new PostgresBackgroundWork({ databases: urls, applicationName: 'kiroku-tests' });
  return {
    work,
    urls,
    /** As the owner of command_db. */
    ownerUrl: commands.url,
    change: (sql: string) => changed(commands.url, sql),
    forget: () =>
      changed(
        commands.url,
        `truncate kiroku.process_managers, kiroku.process_partitions, kiroku.process_attendance, kiroku.process_timers, kiroku.outgoing_commands,
          kiroku.advances, kiroku.jobs, kiroku.job_reports, kiroku.consumers, kiroku.consumer_advances, kiroku.consumer_attendance,
          kiroku.consumer_messages cascade`,
      ),
    async [Symbol.asyncDispose]() {
      await work[Symbol.asyncDispose]();
      await Promise.all([log, commands].map((database) => database[Symbol.asyncDispose]()));
    },
  };
}

/** Runs statements, as the owner of the database. */
export async function changed(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Between writing and looking may be some more. */
export const about = (seconds: number) => expect.toSatisfy((found: number) => found >= seconds && found < seconds + 20);
