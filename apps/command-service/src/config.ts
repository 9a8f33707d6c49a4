import { databaseSettings, port, serviceSettings } from '@kiroku/service';

/** Variables of the command service. */
export const commandServiceSettings = serviceSettings.extend(databaseSettings.shape).extend({
  COMMAND_SERVICE_PORT: port(4001, 'Port of the command service.'),
});
