import { KirokuError } from '@kiroku/core';
import type { InstanceFilter, ListedInstance } from '@kiroku/postgres';
import type { SagaStores } from '../config/saga-stores.ts';
import { readSagaPlace } from '../list-places/list-places.ts';

export interface SagaFilter extends Omit<InstanceFilter, 'before'> {
  /** Where a list before ended: `sagaPlace` of its last saga; or a time, ISO 8601: only those that moved before it. */
  readonly before?: string;
}

/** Sagas, those that moved last first. Throws `NotFound` for a process manager that is not declared, and of which there is none, and `BadRequest` for a place that is none. */
export async function listSagas(
  { sagas, application }: Pick<SagaStores, 'sagas' | 'application'>,
  { before, ...filter }: SagaFilter,
): Promise<readonly ListedInstance[]> {
  const found = await sagas.list({ ...filter, ...(before !== undefined && { before: readSagaPlace(before) }) });
  const names = application.processManagers.map(({ name }) => name);
  const { processManager, status } = filter;
  if (found.length > 0 || status !== undefined || before !== undefined || processManager === undefined || names.includes(processManager))
    return found;
  throw new KirokuError('NotFound', `There is no process manager "${processManager}". There are: ${names.join(', ') || 'none'}.`);
}
