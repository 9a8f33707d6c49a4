import { SagasClient, type SagaToShow, type SagaToSteer } from '@kiroku/client';
import {
  connectionUrls,
  controlSaga,
  type Installation,
  type ListedInstance,
  listSagas,
  openSagaStores,
  planSagaControl,
  type SagaStats,
  type SagaStores,
  type ShownInstance,
  sagaDiagram,
  sagaStats,
  showSaga,
} from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';

/** The verbs on sagas: on the databases of an installation or, through its gateway, from elsewhere. */
export interface SagaOperations {
  listSagas(filter: Parameters<SagasClient['listSagas']>[0]): Promise<readonly ListedInstance[]>;
  showSaga(wanted: SagaToShow): Promise<ShownInstance>;
  sagaStats(): Promise<readonly SagaStats[]>;
  sagaDiagram(name: string): Promise<string>;
  planSagaControl(steering: SagaToSteer): Promise<readonly string[]>;
  controlSaga(steering: SagaToSteer): Promise<ShownInstance>;
}

/** Where a verb works: on the databases, or through the gateway. */
export async function sagaOperationsOf(command: Command): Promise<SagaOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return new SagasClient({ url: flags.remote, operator: readOperator(flags) });
  return onDatabases(await installationOf(command));
}

function onDatabases(installation: Installation): SagaOperations {
  const { operator } = installation;
  const using = <T>(use: (stores: SagaStores) => Promise<T>) => withStores(installation, use);
  return {
    listSagas: (filter) => using((stores) => listSagas(stores, filter)),
    showSaga: (wanted) => using((stores) => showSaga(stores, wanted)),
    sagaStats: () => using(sagaStats),
    sagaDiagram: async (name) => sagaDiagram(installation.config.application, name),
    planSagaControl: (steering) => using((stores) => planSagaControl(stores, { ...steering, operator })),
    controlSaga: (steering) => using((stores) => controlSaga(stores, { ...steering, operator })),
  };
}

async function withStores<T>(installation: Installation, use: (stores: SagaStores) => Promise<T>): Promise<T> {
  const { application } = installation.config;
  await using stores = openSagaStores(await connectionUrls(installation, 'service'), { application, applicationName: 'kiroku-cli' });
  return await use(stores);
}
