import { CheckpointWatch, encryptedEventStore, ProjectionRunner } from '@kiroku/engine';
import { createPool, PostgresEventStore, PostgresReadModelStore, requireMigrated } from '@kiroku/postgres';
import { databaseUrls, FileKeyStore, keyStoreOptions, runnerCheck, runService } from '@kiroku/service';
import { shop } from '@kiroku/shop';

import { queryDatabase } from './answering/query-database.ts';
import { readSnapshot } from './answering/read-snapshot.ts';
import { queryServiceSettings } from './config.ts';
import { createQueryApp } from './create-query-app.ts';
import { answers } from './queries/answers.ts';

await runService('query-service', queryServiceSettings, async ({ config, logger, health, onStop }) => {
  const urls = databaseUrls(config);
  const poolOptions = { applicationName: 'kiroku-query-service', max: config.DATABASE_POOL_SIZE };
  const eventPool = createPool({ url: urls.event_store, ...poolOptions });
  onStop('event store connections', () => eventPool.end());
  const queryPool = createPool({ url: urls.query_db, ...poolOptions });
  onStop('query database connections', () => queryPool.end());

  const log = new PostgresEventStore({ pool: eventPool });
  onStop('event store', () => log.stop());
  const keys = new FileKeyStore(keyStoreOptions(config));
  const eventStore = encryptedEventStore(log, { aggregates: shop.aggregates, keys });
  const readModels = new PostgresReadModelStore({ pool: queryPool });
  const watch = new CheckpointWatch({ readModels, projections: shop.projections, eventStore });
  onStop('checkpoint watch', () => watch.stop());
  const runners = shop.projections.map(
    (projection) => new ProjectionRunner({ eventStore, readModels, projection, onStatus: (status) => logger.info(status, 'projection') }),
  );
  onStop('projections', () => Promise.all(runners.map((runner) => runner.stop())));

  health.register('query_db', async () => void (await queryPool.query('select 1')));
  health.register('event_store', async () => void (await eventPool.query('select 1')), { required: false });
  for (const runner of runners) health.register(`projection ${runner.projection.name}`, runnerCheck(runner), { required: false });
  const db = queryDatabase(queryPool);
  return {
    app: await createQueryApp({
      logger,
      health,
      answers,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      waitFor: (reads, position, signal) => watch.waitFor(reads, position, { timeoutMs: config.AT_LEAST_TIMEOUT_MS, signal }),
      snapshot: (reads, read) => readSnapshot(db, reads, read),
      changes: (signal) => watch.changes(signal),
    }),
    port: config.QUERY_SERVICE_PORT,
    portVariable: 'QUERY_SERVICE_PORT',
    start: async () => {
      await requireMigrated({ database: 'event_store', pool: eventPool });
      await requireMigrated({ database: 'query_db', pool: queryPool });
      await log.start();
      watch.start();
      await Promise.all(runners.map((runner) => runner.start()));
    },
  };
});
