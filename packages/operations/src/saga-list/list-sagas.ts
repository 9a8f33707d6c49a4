import { KirokuError } from '@kiroku/core';
import type { InstanceFilter, ListedInstance } from '@kiroku/postgres';
import type { SagaStores } from '../config/saga-stores.ts';

/** Sagas, those that moved last first. Throws `NotFound` for a process manager that is not declared, and of which there is none. */
export async function listSagas(
  { sagas, application }: Pick<SagaStores, 'sagas' | 'application'>,
  filter: InstanceFilter,
): Promise<readonly ListedInstance[]> {
  const found = await sagas.list(filter);
  const names = application.processManagers.map(({ name }) => name);
  const { processManager, status, before } = filter;
  if (found.length > 0 || status !== undefined || before !== undefined || processManager === undefined || names.includes(processManager))
    return found;
  throw new KirokuError('NotFound', `There is no process manager "${processManager}". There are: ${names.join(', ') || 'none'}.`);
}
