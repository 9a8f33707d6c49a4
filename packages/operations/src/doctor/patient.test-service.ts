import { type Application, type EventStore, type Projection, streamName } from '@kiroku/core';
import { CommandDelivery, createCommandHandler, ProcessManagerRunner, ProjectionWorker } from '@kiroku/engine';
import {
  createPool,
  type DatabaseName,
  migrate,
  PostgresEventStore,
  PostgresOperatorAudit,
  PostgresProcessManagerStore,
  PostgresReadModelBuilds,
  PostgresReadModelStore,
  raiseTimeline,
} from '@kiroku/postgres';
import { counting, InMemoryKeyStore, ledger, tally, throwAwayDatabase } from '@kiroku/testing';
import type { DoctorOptions } from './patient.ts';
import { type DoctorRun, runDoctor } from './run-doctor.ts';

const application: Application = { name: 'test', aggregates: [tally], projections: [ledger], processManagers: [counting] };

/** Databases of their own for a small application, in which things can be broken. */
export async function aPatient() {
  const databases = {
    event_store: await throwAwayDatabase('event_store', migrate),
    command_db: await throwAwayDatabase('command_db', migrate),
    query_db: await throwAwayDatabase('query_db', migrate),
  };
  const urlsAs = (role: 'url' | 'serviceUrl' | 'maintenanceUrl') => ({
    event_store: databases.event_store[role],
    command_db: databases.command_db[role],
    query_db: databases.query_db[role],
  });
  const keys = new InMemoryKeyStore();
  const options: DoctorOptions = {
    urls: { service: urlsAs('serviceUrl'), maintenance: urlsAs('maintenanceUrl'), owner: urlsAs('url') },
    application,
    keys,
    operator: { name: 'ada' },
  };
  const owner = {
    event_store: createPool({ url: databases.event_store.url, applicationName: 'kiroku-tests', max: 1 }),
    command_db: createPool({ url: databases.command_db.url, applicationName: 'kiroku-tests', max: 2 }),
    query_db: createPool({ url: databases.query_db.url, applicationName: 'kiroku-tests', max: 2 }),
  };
  const log = new PostgresEventStore({ url: databases.event_store.serviceUrl });
  return {
    options,
    log,
    /** As superuser. */
    sql: async <R extends object>(database: DatabaseName, text: string, values: readonly unknown[] = []) =>
      (await owner[database].query<R>(text, [...values])).rows,
    /** What is found, as `code at where`, and what became of it. */
    examine: async (run: DoctorRun = {}) => {
      const { findings } = await runDoctor(options, run);
      return findings.map((finding) => ({ ...finding, found: `${finding.code}: ${finding.where}` }));
    },
    deposit: async (count: number) => {
      const events = Array.from({ length: count }, (_, n) => ({ type: 'Deposited', data: { account: `a-${n % 3}`, amount: 1 } }));
      await log.append({ streams: [{ stream: streamName('ledger', '1'), expectedVersion: 'any', events }] });
    },
    /** The log as a restore leaves it: up to a position, on the next timeline. */
    restore: async (until: number) => {
      for (const table of ['events', 'event_tags'])
        await owner.event_store.query(`delete from kiroku.${table} where position > $1`, [until]);
      await owner.event_store.query('delete from kiroku.commits where last_position > $1', [until]);
      await owner.event_store.query('delete from kiroku.streams where first_position > $1', [until]);
      await owner.event_store.query('truncate kiroku.idempotency_keys, kiroku.event_ids');
      return raiseTimeline(owner.event_store, { backup: '20261127T221846Z-3f9a', by: 'kim' });
    },
    /** Holds a table against everybody. */
    lock: async (database: DatabaseName, table: string) => {
      const client = await owner[database].connect();
      await client.query(`begin; lock table ${table} in access exclusive mode`);
      const text = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      return {
        /** How many wait for it. */
        waiting: async () => (await client.query(text)).rowCount,
        async [Symbol.asyncDispose]() {
          await client.query('rollback');
          client.release();
        },
      };
    },
    services: () => services({ urls: options.urls.service, keys }),
    builds: new PostgresReadModelBuilds({ pool: owner.query_db }),
    audit: new PostgresOperatorAudit({ pool: owner.command_db }),
    async [Symbol.asyncDispose]() {
      await log.stop();
      await Promise.all(Object.values(owner).map((pool) => pool.end()));
      for (const database of Object.values(databases)) await database[Symbol.asyncDispose]();
    },
  };
}

/** What services run, in this process: projections, process managers and the delivery of their commands. */
async function services({ urls }: { readonly urls: DoctorOptions['urls']['service']; readonly keys: DoctorOptions['keys'] }) {
  const log: EventStore & AsyncDisposable = new PostgresEventStore({ url: urls.event_store });
  const queryPool = createPool({ url: urls.query_db, applicationName: 'kiroku-tests', max: 4 });
  const commandPool = createPool({ url: urls.command_db, applicationName: 'kiroku-tests', max: 4 });
  const readModels = new PostgresReadModelStore({ pool: queryPool });
  const store = new PostgresProcessManagerStore({ pool: commandPool });
  const retry = { baseMs: 5, capMs: 50 };
  const handle = createCommandHandler({ aggregates: application.aggregates, eventStore: log });
  const delivery = new CommandDelivery({ store, processManagers: [counting], handle, leaseMs: 1_000, pollMs: 20, retry });
  const runner = new ProcessManagerRunner({ eventStore: log, store, processManager: counting, leaseMs: 200, retry, delivery });
  const worker = new ProjectionWorker({ eventStore: log, readModels, projections: [ledger], instance: 'test', leaseMs: 300, retry });
  await worker.start();
  await runner.start();
  delivery.start();
  return {
    worker,
    runner,
    count: (id: string, upTo: number) =>
      handle({
        type: 'Start',
        data: { tally: id, upTo, limit: upTo },
        id: crypto.randomUUID(),
        at: new Date().toISOString(),
        metadata: {},
      }),
    position: (projection: Projection) => readModels.checkpoint(projection),
    processed: () => store.checkpoint(counting.name),
    async [Symbol.asyncDispose]() {
      await delivery.stop();
      await runner.stop();
      await worker.stop();
      await log[Symbol.asyncDispose]();
      await Promise.all([queryPool.end(), commandPool.end()]);
    },
  };
}
