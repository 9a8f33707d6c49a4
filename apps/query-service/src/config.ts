import { databaseSettings, integer, keySettings, port, serviceSettings } from '@kiroku/service';

/** Variables of the query service. */
export const queryServiceSettings = serviceSettings
  .extend(databaseSettings.shape)
  .extend(keySettings.shape)
  .extend({
    QUERY_SERVICE_PORT: port(4002, 'Port of the query service.'),
    AT_LEAST_TIMEOUT_MS: integer({
      min: 1,
      max: 60_000,
      default: 5_000,
      description:
        'How long a query with `atLeast` waits for the read models to get there, in milliseconds, before it is answered `NotCaughtUp`.',
    }),
    PROJECTION_LEASE_MS: integer({
      min: 1_000,
      max: 600_000,
      default: 10_000,
      description: 'After how long the projections of an instance that went silent are taken over by others, in milliseconds.',
    }),
    PROJECTION_MAX_LAG_SECONDS: integer({
      min: 1,
      max: 86_400,
      default: 30,
      description: 'How old the first event may be that a read model does not contain before /health calls it behind.',
    }),
    REBUILD_THRESHOLD: integer({
      min: 0,
      max: 1_000_000_000,
      default: 50_000,
      description:
        'Events in the log from which on a new version of a projection is built by a job, at full speed, before it is read; on a shorter log it follows from the beginning.',
    }),
  });
