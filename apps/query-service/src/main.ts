import { personalNames } from '@kiroku/core';
import { CheckpointWatch, encryptedEventStore, ProjectionWorker } from '@kiroku/engine';
import { NewVersions, readModelLag } from '@kiroku/operations';
import {
  createPool,
  DatabaseProbe,
  databaseClock,
  PostgresEventStore,
  PostgresFigures,
  PostgresMoments,
  PostgresReadModelBuilds,
  PostgresReadModelStore,
  requireMigrated,
} from '@kiroku/postgres';
import {
  databaseUrls,
  FileKeyStore,
  keyStoreOptions,
  ofItsHistory,
  readableCheck,
  readModelCheck,
  runService,
  statusLogging,
  tellOfPools,
  tellOfReadModels,
  tracedReadModels,
} from '@kiroku/service';
import { shop } from '@kiroku/shop';

import { QueryDatabase } from './answering/query-database.ts';
import { readMoment } from './answering/read-moment.ts';
import { Snapshots } from './answering/snapshots.ts';
import { tracedReads } from './answering/traced-reads.ts';
import { queryServiceSettings } from './config.ts';
import { createQueryApp } from './create-query-app.ts';
import { answers } from './queries/answers.ts';

const service = { name: 'query-service', settings: queryServiceSettings, personal: personalNames(shop.aggregates) };
await runService(service, async ({ config, logger, health, metrics, tracing, instance, fail, onStop }) => {
  const urls = databaseUrls(config);
  const poolOptions = { applicationName: 'kiroku-query-service', max: config.DATABASE_POOL_SIZE };
  const eventPool = createPool({ url: urls.event_store, ...poolOptions, plansOnce: true });
  onStop('event store connections', () => eventPool.end());
  const queryPool = createPool({ url: urls.query_db, ...poolOptions });
  onStop('query database connections', () => queryPool.end());

  const log = new PostgresEventStore({ pool: eventPool, onSwitched: fail });
  onStop('event store', () => log.stop());
  const keys = new FileKeyStore(keyStoreOptions(config));
  const eventStore = encryptedEventStore(log, { aggregates: shop.aggregates, keys });
  const readModels = new PostgresReadModelStore({ pool: queryPool });
  const watch = new CheckpointWatch({ readModels, projections: shop.projections, eventStore });
  onStop('checkpoint watch', () => watch.stop());
  const newVersions = new NewVersions({
    urls,
    builds: new PostgresReadModelBuilds({ pool: queryPool }),
    eventStore,
    application: shop,
    applicationModule: { module: import.meta.resolve('@kiroku/shop'), export: 'shop' },
    applicationName: poolOptions.applicationName,
    keys,
    projections: shop.projections,
    threshold: config.REBUILD_THRESHOLD,
    owner: `query-service ${instance}`,
    logger,
  });
  onStop('new versions', () => newVersions.stop());
  const worker = new ProjectionWorker({
    eventStore,
    readModels: tracedReadModels(readModels, tracing),
    projections: shop.projections,
    instance: `query-service ${instance}`,
    leaseMs: config.PROJECTION_LEASE_MS,
    prepare: async (projection, identity) => {
      if (!newVersions.isBuilding(projection)) await readModels.prepare(projection, identity);
    },
    onStatus: statusLogging(logger, 'projection'),
    // not why: what a fold says may quote personal data
    onParked: (projection, { table, position, eventType, fault }) =>
      logger.warn({ projection, table, position, eventType, code: fault?.code }, 'a row is parked: see kiroku projection parked list'),
  });
  onStop('projections', () => worker.stop());

  const probing = { applicationName: `${poolOptions.applicationName}-health`, timeoutMs: config.HEALTH_CHECK_TIMEOUT_MS };
  const readModelProbe = new DatabaseProbe({ ...probing, database: 'query_db', url: urls.query_db });
  const logProbe = new DatabaseProbe({ ...probing, database: 'event_store', url: urls.event_store });
  onStop('health checks', () => Promise.all([readModelProbe.stop(), logProbe.stop()]));
  health.register('query_db', () => readModelProbe.requireUsable());
  health.register('event_store', () => logProbe.requireUsable(), { required: false });
  for (const projection of shop.projections) {
    const lag = () => readModelLag(projection, { log, readModels, clock: () => databaseClock(eventPool) });
    health.register(
      `read model ${projection.name}`,
      readableCheck(async () => ({ partitions: await readModels.checkpoints(projection) })),
    );
    const lagCheck = readModelCheck(lag, { maxSeconds: config.PROJECTION_MAX_LAG_SECONDS });
    health.register(
      `projection ${projection.name}`,
      ofItsHistory(projection, () => worker.status(), lagCheck),
      { required: false },
    );
  }
  // an hour, so that statements prepared for builds that are not read any more do not gather
  const readPool = createPool({ url: urls.query_db, ...poolOptions, plansOnce: true, lifetimeSeconds: 3_600 });
  onStop('connections for reading', () => readPool.end());
  const db = new QueryDatabase(readPool);
  const snapshots = new Snapshots(db);
  const moments = new PostgresMoments({ pool: queryPool });
  tellOfPools(metrics, { event_store: eventPool, query_db: queryPool, reads: readPool });
  const figures = new PostgresFigures({ urls, applicationName: `${poolOptions.applicationName}-metrics` });
  onStop('metrics', () => figures[Symbol.asyncDispose]());
  tellOfReadModels(metrics, figures, shop);
  const reads = tracedReads(
    {
      waitFor: (projections, position, signal) => watch.waitFor(projections, position, { timeoutMs: config.AT_LEAST_TIMEOUT_MS, signal }),
      moment: (asked, what) => readMoment({ db, log, moments }, asked, what),
      snapshot: (projections, what) => snapshots.read(projections, what),
    },
    tracing,
  );
  return {
    app: await createQueryApp({
      logger,
      health,
      metrics,
      tracing,
      answers,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      ...reads,
      history: () => log.history(),
      changes: (signal) => watch.changes(signal),
    }),
    port: config.QUERY_SERVICE_PORT,
    portVariable: 'QUERY_SERVICE_PORT',
    start: async () => {
      await requireMigrated({ database: 'event_store', pool: eventPool });
      await requireMigrated({ database: 'query_db', pool: queryPool });
      await log.start();
      await log.history(); // answers need it, also while the event store is away
      watch.start();
      await newVersions.start();
      await worker.start();
    },
  };
});
