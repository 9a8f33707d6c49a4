import { commandDatabaseUrl, keyStoreOptions, runService } from '@kiroku/service';
import { clientServiceSettings, everyDatabase } from './config.ts';
import { createGateway } from './create-gateway.ts';
import { openOperations } from './operations/open-operations.ts';
import { ChangesFeed } from './upstream/changes-feed.ts';
import { HttpServices } from './upstream/http-services.ts';
import { QueryInstances } from './upstream/query-instances.ts';
import { requireReady } from './upstream/require-ready.ts';

await runService('client-service', clientServiceSettings, async ({ config, logger, health, onStop }) => {
  const { COMMAND_SERVICE_URL: commandUrl, QUERY_SERVICE_URL: urls } = config;
  const queryInstances = new QueryInstances({ urls });
  const services = new HttpServices({ commandUrl, queryInstances, timeoutMs: config.UPSTREAM_TIMEOUT_MS });
  onStop('connections to the services', () => services.stop());
  const feed = new ChangesFeed({
    queryInstances,
    onState: (state, error) =>
      state === 'open'
        ? logger.info('following changes of the read models')
        : logger.warn({ err: error }, 'lost the stream of changes, connecting again'),
  });
  onStop('stream of changes', () => feed.stop());

  const operations = openOperations({
    commandDb: commandDatabaseUrl(config),
    databases: everyDatabase(config),
    keys: keyStoreOptions(config),
  });
  if (operations !== undefined) onStop('operations database connections', () => operations[Symbol.asyncDispose]());

  health.register('command-service', (signal) => requireReady(commandUrl, signal));
  health.register('query-service', (signal) => queryInstances.requireOne(signal));
  for (const url of urls.length > 1 ? urls : []) {
    health.register(`query-service ${url}`, (signal) => requireReady(url, signal), { required: false });
  }
  return {
    app: await createGateway({
      logger,
      health,
      services,
      ...(operations && { operations }),
      changes: (watched, signal) => feed.watch(watched, signal),
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      maxDepth: config.GRAPHQL_MAX_DEPTH,
      maxCost: config.GRAPHQL_MAX_COST,
      maxLength: config.GRAPHQL_MAX_LENGTH,
    }),
    port: config.CLIENT_SERVICE_PORT,
    portVariable: 'CLIENT_SERVICE_PORT',
    start: async () => feed.start(),
  };
});
