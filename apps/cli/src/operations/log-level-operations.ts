import { LogLevelsClient, type LogLevelToSet } from '@kiroku/client';
import {
  changeLogLevels,
  connectionUrls,
  type Installation,
  openOperatingStores,
  type ProcessLogLevel,
  readLogLevels,
  serviceAddresses,
} from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';

export type { LogLevelToSet } from '@kiroku/client';

/** The verbs on log levels: on the services of an installation or, through its gateway, from elsewhere. */
export interface LogLevelOperations {
  listLogLevels(service?: string): Promise<readonly ProcessLogLevel[]>;
  changeLogLevels(change: LogLevelToSet): Promise<readonly ProcessLogLevel[]>;
}

/** Where a verb works: on the services, or through the gateway. */
export async function logLevelOperationsOf(command: Command): Promise<LogLevelOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return new LogLevelsClient({ url: flags.remote, operator: readOperator(flags) });
  return onServices(await installationOf(command));
}

function onServices(installation: Installation): LogLevelOperations {
  const addresses = serviceAddresses(installation);
  const { operator } = installation;
  return {
    listLogLevels: (service) => readLogLevels(addresses, service),
    changeLogLevels: async (change) => {
      await using stores = openOperatingStores(await connectionUrls(installation, 'service'), 'kiroku-cli');
      return await changeLogLevels({ addresses, audit: stores.audit }, { change, operator });
    },
  };
}
