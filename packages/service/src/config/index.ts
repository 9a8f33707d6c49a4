// The part of the package that reads the environment, for programs that are no service and must start quickly: without the HTTP stack.
export { backupSettings } from './backup-settings.ts';
export { type DatabaseUrls, databaseUrls } from './database-urls.ts';
export { documentSettings } from './document-settings.ts';
export { readConfig } from './read-config.ts';
export { defaultOf, optionalHttpUrls, port, type Settings, settingDoc } from './setting.ts';
export {
  databaseSettings,
  embeddedSettings,
  keySettings,
  operatorSettings,
  proxySettings,
  serviceSettings,
  supervisorSettings,
  workSettings,
} from './shared-settings.ts';
