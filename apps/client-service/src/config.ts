import {
  type DatabaseUrls,
  databaseSettings,
  databaseUrls,
  httpUrl,
  httpUrls,
  integer,
  keySettings,
  optionalHttpUrls,
  port,
  proxySettings,
  serviceSettings,
  workSettings,
} from '@kiroku/service';
import type { z } from 'zod';

/** Variables of the client service (GraphQL gateway). */
export const clientServiceSettings = serviceSettings.extend({
  CLIENT_SERVICE_PORT: port(4000, 'Port of the GraphQL gateway.'),
  CLIENT_SERVICE_INSTANCE_URLS: optionalHttpUrls(
    'Base URL of each gateway, if there are several behind a load balancer: each is asked for its health, metrics, log level and what it keeps of answers, by any of them and by `kiroku`. Default: the one that is asked.',
  ),
  ...proxySettings.shape,
  ...databaseSettings.omit({ DATABASE_POOL_SIZE: true }).shape,
  ...keySettings.shape,
  ...workSettings.shape,
  COMMAND_SERVICE_URL: httpUrl('http://127.0.0.1:4001', 'Base URL of the command service.'),
  COMMAND_SERVICE_INSTANCE_URLS: optionalHttpUrls(
    'Base URL of each instance of the command service, if a load balancer stands at `COMMAND_SERVICE_URL`: each is asked for its health, metrics and log level. Default: `COMMAND_SERVICE_URL`.',
  ),
  QUERY_SERVICE_URL: httpUrls(
    'http://127.0.0.1:4002',
    'Base URL of each instance of the query service. Reads are spread over them; one that is not ready is passed over.',
  ),
  ALERT_INTERVAL_SECONDS: integer({
    min: 1,
    max: 60,
    default: 15,
    description: 'How often the gateway asks all services for their metrics and works out what `kiroku alerts` shows, in seconds.',
  }),
  QUERY_CACHE_MB: integer({
    min: 0,
    max: 16_384,
    default: 64,
    description:
      'Memory that answers to queries may take, which are kept until what they were read from changes, in MB, about; 0 keeps none.',
  }),
  UPSTREAM_TIMEOUT_MS: integer({
    min: 100,
    max: 120_000,
    default: 15_000,
    description: 'How long the gateway waits for an answer of a service behind it, in milliseconds.',
  }),
  GRAPHQL_MAX_DEPTH: integer({
    min: 1,
    max: 50,
    default: 15,
    description: 'Deepest nesting of fields in one operation. Query pages need 15 to read the schema.',
  }),
  GRAPHQL_MAX_COST: integer({
    min: 10,
    max: 1_000_000,
    default: 5_000,
    description: 'Highest cost of one operation: one per field, times the page sizes around it.',
  }),
  GRAPHQL_MAX_LENGTH: integer({
    min: 100,
    max: 1_000_000,
    default: 20_000,
    description: 'Longest text of one GraphQL document, in characters.',
  }),
  GRAPHQL_MAX_CONNECTIONS: integer({
    min: 1,
    max: 100_000,
    default: 1_000,
    description:
      'Most WebSocket connections of subscribers at a time, of 100 subscriptions each; further ones are refused with 503. Each takes a file descriptor.',
  }),
  GRAPHQL_MAX_SUBSCRIPTIONS: integer({
    min: 1,
    max: 10_000_000,
    default: 10_000,
    description:
      'Most subscriptions at a time, over all connections; further ones are refused with `TooManySubscriptions`. Each takes about 25 kB.',
  }),
});

/** The three databases, if the environment names them all: what operations on projections need. */
export function everyDatabase(config: z.output<typeof clientServiceSettings>): DatabaseUrls | undefined {
  const { DATABASE_URL, EVENT_STORE_DATABASE_URL, COMMAND_DATABASE_URL, QUERY_DATABASE_URL } = config;
  const each = [EVENT_STORE_DATABASE_URL, COMMAND_DATABASE_URL, QUERY_DATABASE_URL];
  return DATABASE_URL === undefined && each.includes(undefined) ? undefined : databaseUrls(config);
}
