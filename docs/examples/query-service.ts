import { KirokuError, personalNames, type RowsOf } from '@kiroku/core';
import { CheckpointWatch, encryptedEventStore, ProjectionWorker } from '@kiroku/engine';
import {
  createPool,
  DatabaseProbe,
  PostgresEventStore,
  PostgresFigures,
  PostgresReadModelStore,
  queryReadModel,
  requireMigrated,
} from '@kiroku/postgres';
import {
  createApp,
  databaseSettings,
  databaseUrls,
  FileKeyStore,
  keySettings,
  keyStoreOptions,
  port,
  runService,
  serverSentEvents,
  serviceSettings,
  statusLogging,
  tellOfReadModels,
} from '@kiroku/service';
import { booksAsTheyChange, booksOf } from './desk.ts';
import { library, loans } from './library.ts';

const settings = serviceSettings.extend({
  ...databaseSettings.shape,
  ...keySettings.shape,
  QUERIES_PORT: port(4102, 'Port of the query service.'),
});
type Loan = RowsOf<typeof loans>['loan'];

const personal = personalNames(library.aggregates); // never logged

await runService({ name: 'queries', settings, personal }, async ({ config, logger, health, metrics, instance, fail, onStop }) => {
  const { projections } = library;
  const urls = databaseUrls(config);
  const eventPool = createPool({ url: urls.event_store, applicationName: 'library-queries' });
  const queryPool = createPool({ url: urls.query_db, applicationName: 'library-queries' });
  onStop('database connections', () => Promise.all([eventPool.end(), queryPool.end()]));
  const log = new PostgresEventStore({ pool: eventPool, onSwitched: fail });
  onStop('event store', () => log.stop());
  const eventStore = encryptedEventStore(log, { aggregates: library.aggregates, keys: new FileKeyStore(keyStoreOptions(config)) });

  const readModels = new PostgresReadModelStore({ pool: queryPool });
  const worker = new ProjectionWorker({
    eventStore,
    readModels,
    projections,
    instance: `queries ${instance}`,
    onStatus: statusLogging(logger, 'projection'),
    onParked: (projection, { table, position }) => logger.warn({ projection, table, position }, 'a row is parked'),
  });
  onStop('projections', () => worker.stop());
  const watch = new CheckpointWatch({ readModels, projections, eventStore });
  onStop('checkpoint watch', () => watch.stop());

  const probe = new DatabaseProbe({ database: 'query_db', url: urls.query_db, applicationName: 'library-queries-health' });
  onStop('health checks', () => probe.stop());
  health.register('query_db', () => probe.requireUsable());

  const figures = new PostgresFigures({ urls, applicationName: 'library-queries-metrics' });
  onStop('metrics', () => figures[Symbol.asyncDispose]());
  tellOfReadModels(metrics, figures, library);

  const app = createApp({ logger, health, metrics });
  app.get<{ Params: { loanId: string }; Querystring: { atLeast?: string } }>('/loans/:loanId', async ({ params, query }) => {
    const atLeast = positionIn(query.atLeast);
    await watch.waitFor([loans], atLeast);
    const text = (schema: string) => `select loan_id, books, status from ${schema}.loan where loan_id = $1`;
    const { rows, position } = await queryReadModel<Loan>(queryPool, loans, { text, values: [params.loanId] });
    return { position, loan: rows[0] ?? null };
  });
  const reading = { pool: queryPool, watch };
  app.get<{ Params: { memberId: string }; Querystring: { atLeast?: string } }>('/members/:memberId/books', ({ params, query }) =>
    booksOf(reading, params.memberId, positionIn(query.atLeast)),
  );
  const tell = serverSentEvents(app);
  app.get<{ Params: { memberId: string } }>('/members/:memberId/books/changes', ({ params }, reply) =>
    tell(reply, (signal) => booksAsTheyChange(reading, params.memberId, signal)),
  );

  return {
    app,
    port: config.QUERIES_PORT,
    portVariable: 'QUERIES_PORT',
    start: async () => {
      await requireMigrated({ database: 'event_store', pool: eventPool });
      await requireMigrated({ database: 'query_db', pool: queryPool });
      await log.start();
      watch.start();
      await worker.start();
    },
  };
});

function positionIn(atLeast = '0'): number {
  const position = Number(atLeast);
  if (!Number.isSafeInteger(position)) throw new KirokuError('BadRequest', 'atLeast is no position. Send that of the command.');
  return position;
}
