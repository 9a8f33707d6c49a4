import { databaseSettings, embeddedSettings, integer, keySettings, port, serviceSettings } from '@kiroku/service';

/** Variables of the query service. */
export const queryServiceSettings = serviceSettings
  .extend(databaseSettings.shape)
  .extend(keySettings.shape)
  .extend({
    ...embeddedSettings.pick({ KIROKU_DATA_DIR: true }).shape,
    QUERY_SERVICE_PORT: port(4002, 'Port of the query service.'),
    AT_LEAST_TIMEOUT_MS: integer({
      min: 1,
      max: 60_000,
      default: 5_000,
      description:
        'How long a query with `atLeast` waits for the read models to get there, in milliseconds, before it is answered `NotCaughtUp`.',
    }),
  });
