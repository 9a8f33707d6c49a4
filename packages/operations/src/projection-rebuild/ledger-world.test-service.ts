import {
  type Application,
  type DomainEvent,
  type Job,
  type JsonObject,
  type JsonValue,
  type Projection,
  type Row,
  streamName,
} from '@kiroku/core';
import { type JobDefinition, ProjectionWorker, runClaimedJob } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore } from '@kiroku/postgres';
import { InMemoryKeyStore, ledger, throwAwayDatabase } from '@kiroku/testing';
import { v7 as uuidv7 } from 'uuid';
import type { DatabaseUrls } from '../config/installation.ts';
import { providedCode } from '../job-run/job-definitions.ts';
import { openRebuildStores, type RebuildStores } from './open-rebuild-stores.ts';

/** An application with one projection on databases of its own, and whoever follows it. */
export interface LedgerWorld extends AsyncDisposable {
  readonly urls: DatabaseUrls;
  readonly application: Application;
  readonly stores: RebuildStores;
  open(this: void): RebuildStores & AsyncDisposable;
  append(moves: readonly Move[], streams?: StreamsOf): Promise<number>;
  /** Follows the log with this code until it is at its head, and goes on. */
  follow(projection?: Projection): Promise<ProjectionWorker>;
  /** Runs a job to its end; throws what it failed with. */
  run<A extends JsonObject, R extends JsonValue>(definition: JobDefinition<A, JsonObject, R>, args: A, options?: RunOptions): Promise<R>;
  /** Rows of a build, in the order of their keys. */
  rows(build: number, table?: string): Promise<readonly Row[]>;
  /** How far each build is, by partition. */
  positions(): Promise<readonly (readonly number[])[]>;
  /** On query_db, as a superuser. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

type Move = DomainEvent<string, JsonObject>;
/** The id of the stream that a move goes to. By default all go to one. */
type StreamsOf = (move: Move) => string;

interface RunOptions {
  readonly signal?: AbortSignal;
  /** The job; by default a new one. */
  readonly job?: Job;
}

export async function ledgerWorld(projection: Projection = ledger): Promise<LedgerWorld> {
  const databases = {
    event_store: await throwAwayDatabase('event_store', migrate),
    command_db: await throwAwayDatabase('command_db', migrate),
    query_db: await throwAwayDatabase('query_db', migrate),
  };
  const urls: DatabaseUrls = {
    event_store: databases.event_store.serviceUrl,
    command_db: databases.command_db.serviceUrl,
    query_db: databases.query_db.serviceUrl,
  };
  const application: Application = { name: 'test', aggregates: [], projections: [projection], processManagers: [] };
  const open = () => openRebuildStores(urls, { application, applicationName: 'kiroku-tests', keys: new InMemoryKeyStore() });
  const stores = open();
  const log = new PostgresEventStore({ url: urls.event_store });
  const superuser = createPool({ url: databases.query_db.url, applicationName: 'kiroku-tests', max: 2 });
  const workers: ProjectionWorker[] = [];
  return {
    urls,
    application,
    stores,
    open,
    append: async (moves, streamOf = () => '1') => {
      for (let from = 0; from < moves.length; from += 1_000) {
        const page = moves.slice(from, from + 1_000);
        const streams = [...new Set(page.map(streamOf))].map((id) => ({
          stream: streamName('ledger', id),
          expectedVersion: 'any' as const,
          events: page.filter((move) => streamOf(move) === id).map(({ type, data }) => ({ type, data })),
        }));
        await log.append({ streams });
      }
      return (await log.head()).position;
    },
    follow: async (code = projection) => {
      const instance = `worker ${workers.length + 1}`;
      const worker = new ProjectionWorker({ eventStore: stores.events, readModels: stores.readModels, projections: [code], instance });
      workers.push(worker);
      await worker.start();
      const { position } = await log.head();
      while ((await stores.readModels.checkpoint(code)) < position) await new Promise((resolve) => setTimeout(resolve, 10));
      return worker;
    },
    run: async (definition, args, { signal, job } = {}) => {
      const claimed = job ?? (await newJob(stores, definition.verb, args, application));
      const end = await runClaimedJob(claimed, definition as never, {
        store: stores.jobs,
        leaseMs: 10_000,
        whenStopped: 'paused',
        tickMs: 20,
        ...(signal && { signal }),
      }); // a definition runs with the arguments of its own job
      if (end.state === 'done') return end.result as never; // the definition's result
      throw end.error;
    },
    rows: async (build, table = Object.keys(projection.tables)[0] ?? '') =>
      stores.builds.readRows({ projection, build }, async (snapshot) => {
        const rows: Row[] = [];
        for await (const page of snapshot.rows(table)) rows.push(...page);
        return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      }),
    positions: async () => {
      const [status] = await stores.builds.versions();
      return status?.builds.map(({ partitions }) => partitions.map(({ position }) => position)) ?? [];
    },
    sql: async (text, values = []) => (await superuser.query<Row>(text, [...values])).rows,
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) await worker.stop();
      await log.stop();
      await superuser.end();
      await stores[Symbol.asyncDispose]();
      for (const database of Object.values(databases)) await database[Symbol.asyncDispose]();
    },
  };
}

async function newJob({ jobs }: RebuildStores, verb: string, args: JsonObject, application: Application): Promise<Job> {
  const job = { id: uuidv7(), verb, arguments: args, createdBy: 'ada', requires: providedCode(application) };
  return jobs.create(job, { owner: 'tests', leaseMs: 10_000 });
}

export function deposits(count: number, accounts: number): readonly DomainEvent<string, JsonObject>[] {
  return Array.from({ length: count }, (_, index) => ({ type: 'Deposited', data: { account: `a-${index % accounts}`, amount: 1 } }));
}
