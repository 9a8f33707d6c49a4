import type { Application, OperatorAudit, ProcessManagerStore } from '@kiroku/core';
import {
  createPool,
  findInstances,
  type InstanceFilter,
  type InstanceToShow,
  type ListedInstance,
  listInstances,
  PostgresOperatorAudit,
  PostgresProcessManagerStore,
  type ProcessManagerStats,
  readProcessManagerStats,
  type ShownInstance,
} from '@kiroku/postgres';
import type { DatabaseUrls } from './installation.ts';

/** What verbs look at sagas and steer them with. */
export interface SagaStores {
  /** What is declared. */
  readonly application: Pick<Application, 'processManagers'>;
  readonly sagas: SagaInstances;
  readonly store: Pick<ProcessManagerStore, 'intervene'>;
  readonly audit: OperatorAudit;
}

/** The instances of process managers, as people see them. */
interface SagaInstances {
  /** Those that moved last first. */
  list(filter: InstanceFilter): Promise<readonly ListedInstance[]>;
  /** Of this id; several if several process managers use it. */
  find(wanted: InstanceToShow): Promise<readonly ShownInstance[]>;
  stats(): Promise<readonly ProcessManagerStats[]>;
}

/** Opens them straight from their database, so that sagas can be seen and steered with every other service down. Connects when first used. */
export function openSagaStores(
  { command_db: url }: Pick<DatabaseUrls, 'command_db'>,
  { application, applicationName }: { readonly application: Pick<Application, 'processManagers'>; readonly applicationName: string },
): SagaStores & AsyncDisposable {
  const pool = createPool({ url, applicationName, max: 3 });
  return {
    application,
    sagas: {
      list: (filter) => listInstances(pool, filter),
      find: (wanted) => findInstances(pool, wanted),
      stats: () => readProcessManagerStats(pool),
    },
    store: new PostgresProcessManagerStore({ pool }),
    audit: new PostgresOperatorAudit({ pool }),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
