import { KirokuError, type RowsOf } from '@kiroku/core';
import { CheckpointWatch, ProjectionWorker } from '@kiroku/engine';
import {
  createPool,
  DatabaseProbe,
  PostgresEventStore,
  PostgresFigures,
  PostgresReadModelStore,
  queryReadModel,
  requireMigrated,
} from '@kiroku/postgres';
import { createApp, databaseSettings, databaseUrls, port, runService, serviceSettings, tellOfReadModels } from '@kiroku/service';
import { library, loans } from './library.ts';

const settings = serviceSettings.extend(databaseSettings.shape).extend({ QUERIES_PORT: port(4102, 'Port of the query service.') });
type Loan = RowsOf<typeof loans>['loan'];

await runService({ name: 'queries', settings }, async ({ config, logger, health, metrics, instance, fail, onStop }) => {
  const { projections } = library;
  const urls = databaseUrls(config);
  const eventPool = createPool({ url: urls.event_store, applicationName: 'library-queries' });
  const queryPool = createPool({ url: urls.query_db, applicationName: 'library-queries' });
  onStop('database connections', () => Promise.all([eventPool.end(), queryPool.end()]));
  const eventStore = new PostgresEventStore({ pool: eventPool, onSwitched: fail });
  onStop('event store', () => eventStore.stop());

  const readModels = new PostgresReadModelStore({ pool: queryPool });
  const worker = new ProjectionWorker({ eventStore, readModels, projections, instance: `queries ${instance}` });
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
    const atLeast = Number(query.atLeast ?? 0);
    if (!Number.isSafeInteger(atLeast)) throw new KirokuError('BadRequest', 'atLeast is no position. Send that of the command.');
    await watch.waitFor([loans], atLeast);
    const text = (schema: string) => `select loan_id, books, status from ${schema}.loan where loan_id = $1`;
    const { rows, position } = await queryReadModel<Loan>(queryPool, loans, { text, values: [params.loanId] });
    return { position, loan: rows[0] ?? null };
  });

  return {
    app,
    port: config.QUERIES_PORT,
    portVariable: 'QUERIES_PORT',
    start: async () => {
      await requireMigrated({ database: 'event_store', pool: eventPool });
      await requireMigrated({ database: 'query_db', pool: queryPool });
      await eventStore.start();
      watch.start();
      await worker.start();
    },
  };
});
