import { type InstanceFilter, type ListedInstance, listInstances } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { withSagas } from './open-sagas.ts';

/** The sagas of an installation, those that moved last first. */
export function listSagas(installation: Installation, filter: InstanceFilter): Promise<readonly ListedInstance[]> {
  return withSagas(installation, (pool) => listInstances(pool, filter));
}
