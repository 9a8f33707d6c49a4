import { databaseSettings, embeddedSettings, keySettings, port, serviceSettings } from '@kiroku/service';

/** Variables of the command service. */
export const commandServiceSettings = serviceSettings
  .extend(databaseSettings.shape)
  .extend(keySettings.shape)
  .extend({
    ...embeddedSettings.pick({ KIROKU_DATA_DIR: true }).shape,
    COMMAND_SERVICE_PORT: port(4001, 'Port of the command service.'),
  });
