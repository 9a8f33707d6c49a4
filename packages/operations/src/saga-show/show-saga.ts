import { KirokuError } from '@kiroku/core';
import { findInstances, type Pool, type ShownInstance } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { withSagas } from '../saga-list/open-sagas.ts';

/** A saga with its timeline and what it waits for. Throws `NotFound`, or `BadRequest` if several process managers have an instance of this id. */
export function showSaga(installation: Installation, id: string, processManager?: string): Promise<ShownInstance> {
  return withSagas(installation, (pool) => findSaga(pool, id, processManager));
}

export async function findSaga(pool: Pool, id: string, processManager?: string): Promise<ShownInstance> {
  const [found, ...others] = await findInstances(pool, id, processManager);
  if (found === undefined) throw new KirokuError('NotFound', `There is no saga ${id}. \`kiroku saga list\` shows those there are.`);
  if (others.length === 0) return found;
  const names = [found, ...others].map((each) => each.processManager).join(' and ');
  throw new KirokuError('BadRequest', `${names} both have an instance ${id}. Name one with --process-manager.`);
}
