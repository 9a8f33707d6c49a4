import { KirokuError } from '@kiroku/core';
import type { InstanceToShow, ShownInstance } from '@kiroku/postgres';
import type { SagaStores } from '../config/saga-stores.ts';

/**
 * A saga with the last lines of its timeline and what it waits for. Throws `NotFound`, or `BadRequest` if several process managers have an instance
 * of this id.
 */
export async function showSaga({ sagas }: Pick<SagaStores, 'sagas'>, wanted: InstanceToShow): Promise<ShownInstance> {
  const { id, processManager } = wanted;
  const [found, ...others] = await sagas.find(wanted);
  if (found === undefined) {
    const which = processManager === undefined ? 'saga' : `saga of the process manager ${processManager} with the id`;
    throw new KirokuError('NotFound', `There is no ${which} ${id}. \`kiroku saga list\` shows those there are.`);
  }
  if (others.length === 0) return found;
  const names = [found, ...others].map((each) => each.processManager).join(' and ');
  throw new KirokuError('BadRequest', `${names} both have an instance ${id}. Name one with --process-manager.`);
}
