import type { ServiceConfig } from '../config/define-config.ts';
import { type DatabaseUrls, type Installation, serviceUrls } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import { logFile } from '../log-files/log-file.ts';

type Environment = { readonly [name: string]: string | undefined };

/** Collecting garbage is a tenth less of a busy service's work, for up to 50 MB more of memory. What NODE_OPTIONS says comes later and wins. */
const youngGeneration = '--max-semi-space-size=32';

/** The environment of a service: what we inherited, where the databases are, its log, and the port and URL of every service. */
export function serviceEnvironment(
  installation: Pick<Installation, 'config' | 'dataDirectory' | 'environment' | 'host' | 'ports' | 'root'>,
  service: ServiceConfig,
  databases: DatabaseUrls,
): Environment {
  const { config, dataDirectory, environment, host, ports } = installation;
  const urls = serviceUrls(installation);
  return {
    ...service.env,
    ...environment,
    NODE_OPTIONS: `${youngGeneration} ${environment.NODE_OPTIONS ?? service.env?.NODE_OPTIONS ?? ''}`.trim(),
    HOST: host,
    EVENT_STORE_DATABASE_URL: databases.event_store,
    COMMAND_DATABASE_URL: databases.command_db,
    QUERY_DATABASE_URL: databases.query_db,
    KIROKU_DATA_DIR: dataDirectory,
    LOG_FILE: logFile(dataDirectory, service.name),
    KIROKU_KEY_DIR: keyDirectory(installation),
    ...Object.fromEntries(config.services.map(({ name, port, portVariable }) => [portVariable, String(ports[name] ?? port)])),
    ...Object.fromEntries(config.services.map(({ name, portVariable }) => [urlVariable(portVariable), urls[name]])),
  };
}

/** `COMMAND_SERVICE_PORT` → `COMMAND_SERVICE_URL` */
export function urlVariable(portVariable: string): string {
  return portVariable.replace(/_PORT$/, '_URL');
}
