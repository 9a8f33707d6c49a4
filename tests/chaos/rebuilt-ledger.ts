import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JsonObject, Row } from '@kiroku/core';
import { openRebuildStores } from '@kiroku/operations';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { foldOneByOne, InMemoryKeyStore, ledger, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect } from 'vitest';

const program = fileURLToPath(new URL('./bundle/rebuild-process.js', import.meta.url));

export interface RebuiltLedgerOptions {
  /** Deposits in the log. */
  readonly head: number;
  readonly accounts: number;
  /** Of the job's owner. */
  readonly leaseMs: number;
}

/** A log of deposits with a read model of it, and processes that rebuild it, to be killed. */
export async function rebuiltLedger({ head, accounts, leaseMs }: RebuiltLedgerOptions) {
  const databases = {
    event_store: await throwAwayDatabase('event_store', migrate),
    command_db: await throwAwayDatabase('command_db', migrate),
    query_db: await throwAwayDatabase('query_db', migrate),
  };
  const urls = {
    event_store: databases.event_store.serviceUrl,
    command_db: databases.command_db.serviceUrl,
    query_db: databases.query_db.serviceUrl,
  };
  const application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };
  const stores = openRebuildStores(urls, { application, applicationName: 'kiroku-tests', keys: new InMemoryKeyStore() });
  await fill(urls.event_store, { head, accounts });
  const { log } = await stores.events.head();
  await stores.readModels.prepare(ledger, log);
  return {
    stores,
    /** Queues a rebuild; returns the job's id. */
    queue: async (terms: JsonObject): Promise<string> => {
      const id = crypto.randomUUID();
      const wanted = { projections: [{ name: ledger.name, version: 1 }], maxLagSeconds: 0, ...terms };
      await stores.jobs.create({ id, verb: 'projection rebuild', arguments: wanted, requires: [`${ledger.name}@1`], createdBy: 'tests' });
      return id;
    },
    /** A process that takes the job. `dies`: when it kills itself, as `before finish`. */
    start: (job: string, owner: string, dies?: string): ChildProcess => {
      const its = { REBUILD_URLS: JSON.stringify(urls), REBUILD_JOB: job, REBUILD_OWNER: owner, REBUILD_LEASE_MS: String(leaseMs) };
      return fork(program, { env: { ...process.env, ...its, ...(dies !== undefined && { REBUILD_DIES: dies }) }, execArgv: [] });
    },
    /** Ends the job's lease: who takes it next need not wait. */
    endLease: async (job: string): Promise<void> => {
      await using commands = await connected(urls.command_db);
      await commands.client.query('update kiroku.jobs set leased_until = clock_timestamp() where id = $1', [job]);
      await commands.client.query('update kiroku.job_reports set leased_until = clock_timestamp() where job = $1', [job]);
    },
    /** The rows of a build are those that folding the log one event after the other gives. */
    expectRight: async (build: number): Promise<void> => {
      const all = [];
      for (let after = 0; after < head; after += 4_000) all.push(...(await stores.events.readLog({ after, pageSize: 4_000 })).events);
      for (const [table, rows] of Object.entries(foldOneByOne(ledger, all))) {
        const found = await stores.builds.readRows({ projection: ledger, build }, async (snapshot) => {
          const read: Row[] = [];
          for await (const page of snapshot.rows(table)) read.push(...page);
          return read;
        });
        expect(inOrder(found)).toEqual(inOrder(rows));
      }
    },
    [Symbol.asyncDispose]: async () => {
      await stores[Symbol.asyncDispose]();
      for (const database of Object.values(databases)) await database[Symbol.asyncDispose]();
    },
  };
}

/** kill -9, unless it is gone already. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function connected(url: string) {
  const client = new pg.Client(url);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

async function fill(url: string, { head, accounts }: Pick<RebuiltLedgerOptions, 'head' | 'accounts'>): Promise<void> {
  await using store = new PostgresEventStore({ url });
  for (let from = 0; from < head; from += 1_000) {
    const events = Array.from({ length: Math.min(1_000, head - from) }, (_, n) => ({
      type: 'Deposited',
      data: { account: `a-${(from + n) % accounts}`, amount: 1 },
    }));
    await store.append({ streams: [{ stream: `ledger-${from}`, expectedVersion: 'noStream', events }] });
  }
}

function inOrder(rows: readonly object[]): readonly object[] {
  const keyOf = (row: object) => ('id' in row ? String(row.id) : 'account' in row ? String(row.account) : '');
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
