import { CheckpointWatch, createCommandHandler, ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresMoments, PostgresReadModelStore, raiseTimeline } from '@kiroku/postgres';
import { createLogger, Health, StopStack } from '@kiroku/service';
import { type ShopCommand, shop } from '@kiroku/shop';
import { throwAwayDatabase } from '@kiroku/testing';

import { QueryDatabase } from './answering/query-database.ts';
import { readMoment } from './answering/read-moment.ts';
import { Snapshots } from './answering/snapshots.ts';
import { createQueryApp } from './create-query-app.ts';
import { answers } from './queries/answers.ts';

export interface ServeQueriesOptions {
  readonly atLeastTimeoutMs?: number;
  readonly heartbeatMs?: number;
  /** Of each projection. Default: as it declares. */
  readonly partitions?: number;
}

/** The query service over real databases with running projections, and a way to make things happen. */
export async function serveQueries(options: ServeQueriesOptions = {}) {
  const logger = createLogger({ service: 'query-service', instance: 'test', level: 'silent', format: 'json' });
  const opened = new StopStack(logger);
  const open = <T extends AsyncDisposable>(resource: T): T => {
    opened.push('resource', () => resource[Symbol.asyncDispose]());
    return resource;
  };
  const log = open(await throwAwayDatabase('event_store', migrate));
  const rows = open(await throwAwayDatabase('query_db', migrate));
  const eventStore = open(new PostgresEventStore({ url: log.serviceUrl }));
  await eventStore.start();
  const pool = createPool({ url: rows.serviceUrl, applicationName: 'test' });
  opened.push('pool', () => pool.end());
  const readModels = new PostgresReadModelStore({ pool });
  const { partitions } = options;
  const projections = shop.projections.map((each) => (partitions === undefined ? each : { ...each, partitions }));
  const watch = open(new CheckpointWatch({ readModels, projections, eventStore }));
  watch.start();
  const worker = open(new ProjectionWorker({ eventStore, readModels, projections, instance: 'test' }));
  await worker.start();

  const health = new Health({ service: 'query-service', instance: 'test' });
  health.ready();
  const readPool = createPool({ url: rows.serviceUrl, applicationName: 'test', plansOnce: true });
  opened.push('pool for reading', () => readPool.end());
  const db = new QueryDatabase(readPool);
  const snapshots = new Snapshots(db);
  const moments = new PostgresMoments({ pool });
  const app = await createQueryApp({
    logger,
    health,
    answers,
    history: () => eventStore.history(),
    waitFor: (reads, position, signal) => watch.waitFor(reads, position, { timeoutMs: options.atLeastTimeoutMs ?? 5_000, signal }),
    moment: (asked, what) => readMoment({ db, log: eventStore, moments }, asked, what),
    snapshot: (reads, what) => snapshots.read(reads, what),
    changes: (signal) => watch.changes(signal),
    ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
  });
  opened.push('server', () => app.close());

  const handle = createCommandHandler({ aggregates: shop.aggregates, eventStore });
  return {
    app,
    eventStore,
    databases: { event_store: log.serviceUrl, query_db: rows.serviceUrl },
    /** Carries out a command and returns the position it reached. */
    async happen({ type, data }: ShopCommand): Promise<number> {
      const result = await handle({ type, data, id: crypto.randomUUID(), at: new Date().toISOString(), metadata: {} });
      if (result.outcome === 'rejected') throw new Error(`${type}: ${result.rejection.message}`);
      return result.position;
    },
    /** The log was restored at its end. */
    async restored(): Promise<void> {
      const owner = createPool({ url: log.url, applicationName: 'test', max: 1 });
      await raiseTimeline(owner, { backup: '20261127T221846Z-3f9a', by: 'kim' });
      await owner.end();
    },
    ask: (name: string, params: object, atLeast?: number | string) =>
      app.inject({ method: 'POST', url: `/queries/${name}`, payload: { params, ...(atLeast !== undefined && { atLeast }) } }),
    /** Ends connections to the read models that last sent this statement, or all. Says how many. */
    async killConnections(query = '%'): Promise<number | null> {
      const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
      await using owner = createPool({ url: rows.url, applicationName: 'test', max: 1 });
      return (await owner.query(`select pg_terminate_backend(pid) ${others} and query like $1`, [query])).rowCount;
    },
    /** What the read models do. */
    changes: (signal: AbortSignal) => watch.changes(signal),
    askAsOf: (name: string, params: object, asOf: string | number, more: object = {}) =>
      app.inject({ method: 'POST', url: `/queries/${name}`, payload: { params, asOf, ...more } }),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}
