import { personalNames } from '@kiroku/core';
import { AlertWatch, PostgresFigures, WorkWatch } from '@kiroku/operations';
import {
  AnswerCache,
  commandDatabaseUrl,
  countLookups,
  keyStoreOptions,
  ReadModelChanges,
  runService,
  tellOfCache,
  tellOfSafety,
} from '@kiroku/service';
import { shop, shopQueries } from '@kiroku/shop';
import { clientServiceSettings, everyDatabase } from './config.ts';
import { createGateway } from './create-gateway.ts';
import { shopWarmups } from './graphql/warmups.ts';
import { gatewayHealth } from './operations/gateway-health.ts';
import { knownProcesses } from './operations/known-processes.ts';
import { openOperations } from './operations/open-operations.ts';
import { ChangesFeed } from './upstream/changes-feed.ts';
import { HttpServices } from './upstream/http-services.ts';
import { KeptAnswers } from './upstream/kept-answers.ts';
import { QueryInstances } from './upstream/query-instances.ts';
import { requireReady } from './upstream/require-ready.ts';

const service = { name: 'client-service', settings: clientServiceSettings, personal: personalNames(shop.aggregates) };
await runService(service, async ({ config, logger, health, metrics, tracing, onStop }) => {
  const { COMMAND_SERVICE_URL: commandUrl, COMMAND_SERVICE_INSTANCE_URLS: commandUrls = [commandUrl], QUERY_SERVICE_URL: urls } = config;
  const queryInstances = new QueryInstances({ urls });
  const upstream = new HttpServices({ commandUrl, queryInstances, timeoutMs: config.UPSTREAM_TIMEOUT_MS, tracing });
  onStop('connections to the services', () => upstream.stop());
  const changes = new ReadModelChanges({ projections: shop.projections });
  const feed = new ChangesFeed({
    queryInstances,
    listener: changes,
    onState: (state, error) =>
      state === 'open'
        ? logger.info('following changes of the read models')
        : logger.warn({ err: error }, 'lost the stream of changes, connecting again'),
  });
  onStop('stream of changes', () => feed.stop());
  const cache = new AnswerCache({ changes, maxBytes: config.QUERY_CACHE_MB * 1_048_576, onLookup: countLookups(metrics, 'answers') });
  tellOfCache(metrics, 'answers', () => cache.stats);
  const answering = { services: upstream, queries: shopQueries, timeline: () => feed.timeline };
  const services = new KeptAnswers({ ...answering, cache });

  const databases = everyDatabase(config);
  const limits = { maxDelaySeconds: config.WORK_MAX_DELAY_SECONDS };
  const operations = openOperations({
    commandDb: commandDatabaseUrl(config),
    databases,
    keys: keyStoreOptions(config),
  });
  if (operations !== undefined) onStop('operations database connections', () => operations[Symbol.asyncDispose]());

  const asking = { timeoutMs: config.HEALTH_CHECK_TIMEOUT_MS + 500 }; // they ask others, and wait as long as we would
  health.register('command-service', (signal) => requireReady(commandUrl, signal), asking);
  health.register('query-service', (signal) => queryInstances.requireOne(signal), asking);
  for (const url of commandUrls.length > 1 ? commandUrls : []) {
    health.register(`command-service ${url}`, (signal) => requireReady(url, signal), { ...asking, required: false });
  }
  for (const url of urls.length > 1 ? urls : []) {
    health.register(`query-service ${url}`, (signal) => requireReady(url, signal), { ...asking, required: false });
  }
  if (databases !== undefined) {
    // a command-service that is gone or stopped cannot say that its work stands still
    const watching = { applicationName: 'kiroku-client-service-health', timeoutMs: config.HEALTH_CHECK_TIMEOUT_MS };
    const work = new WorkWatch({ ...watching, databases, application: shop, limits });
    onStop('health checks', () => work[Symbol.asyncDispose]());
    const figures = new PostgresFigures({ urls: databases, applicationName: 'kiroku-client-service-metrics' });
    onStop('metrics', () => figures[Symbol.asyncDispose]());
    tellOfSafety(metrics, figures);
    health.register('background work', () => work.requireSound(), { required: false });
  }
  const gateway = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${config.CLIENT_SERVICE_PORT}`;
  const known = { gateways: config.CLIENT_SERVICE_INSTANCE_URLS ?? [gateway], commands: commandUrls, queries: urls };
  const processes = knownProcesses(known);
  const caches = processes.filter(({ service: name }) => name === 'client-service');
  const alerts =
    operations &&
    new AlertWatch({
      services: processes,
      everySeconds: config.ALERT_INTERVAL_SECONDS,
      onFault: (err) => logger.error({ err }, 'alerts could not be judged, the next look tries again'),
    });
  if (alerts !== undefined) onStop('alerts', () => alerts.stop());
  const look = gatewayHealth({
    urls: known,
    databases,
    limits,
    cacheMs: config.HEALTH_CACHE_MS,
    answerTimeoutMs: config.HEALTH_CHECK_TIMEOUT_MS * 2.5, // services ask one another, and then databases
  });
  return {
    app: await createGateway({
      logger,
      health,
      metrics,
      tracing,
      services,
      ...(operations && {
        operations: { ...operations, health: look, logs: processes, caches, ...(alerts && { alerts: () => alerts.report() }) },
      }),
      cache: { cache, queries: Object.keys(shopQueries), warmups: shopWarmups(answering) },
      changes: (watched, signal) => feed.watch(watched, signal),
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      trustedProxies: config.TRUSTED_PROXIES,
      maxDepth: config.GRAPHQL_MAX_DEPTH,
      maxCost: config.GRAPHQL_MAX_COST,
      maxLength: config.GRAPHQL_MAX_LENGTH,
      maxConnections: config.GRAPHQL_MAX_CONNECTIONS,
      maxSubscriptions: config.GRAPHQL_MAX_SUBSCRIPTIONS,
    }),
    port: config.CLIENT_SERVICE_PORT,
    portVariable: 'CLIENT_SERVICE_PORT',
    start: async () => {
      feed.start();
      alerts?.start();
    },
  };
});
