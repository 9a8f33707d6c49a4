import type { InstanceFilter, ListedInstance } from '@kiroku/postgres';
import type { SagaStores } from '../config/saga-stores.ts';

/** Sagas, those that moved last first. */
export function listSagas({ sagas }: Pick<SagaStores, 'sagas'>, filter: InstanceFilter): Promise<readonly ListedInstance[]> {
  return sagas.list(filter);
}
