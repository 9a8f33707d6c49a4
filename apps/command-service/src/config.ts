import { databaseSettings, embeddedSettings, httpUrl, integer, keySettings, port, serviceSettings } from '@kiroku/service';

/** Variables of the command service. */
export const commandServiceSettings = serviceSettings
  .extend(databaseSettings.shape)
  .extend(keySettings.shape)
  .extend({
    ...embeddedSettings.pick({ KIROKU_DATA_DIR: true }).shape,
    COMMAND_SERVICE_PORT: port(4001, 'Port of the command service.'),
    PAYMENT_SIMULATOR_URL: httpUrl('http://127.0.0.1:4020', 'Where the payment service and the carrier answer.'),
    SAGA_RETENTION_DAYS: integer({
      min: 1,
      max: 36_500,
      default: 30,
      description: 'How long the commands and history of sagas that are done are kept, in days.',
    }),
    JOB_RETENTION_DAYS: integer({
      min: 1,
      max: 36_500,
      default: 90,
      description: 'How long jobs that have ended are kept, in days. The audit log keeps that they were.',
    }),
  });
