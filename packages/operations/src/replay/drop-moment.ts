import { type Moment, unknownMoment } from '@kiroku/postgres';
import { auditedRun } from '../audit/audited-run.ts';
import type { Installation } from '../config/installation.ts';
import type { ReplayStores } from './replay-stores.ts';

/** The moment that would be dropped. Throws `NotFound`. */
export async function requireMoment({ moments }: Pick<ReplayStores, 'moments'>, name: string): Promise<Moment> {
  const found = await moments.moment(name);
  if (found === undefined) throw unknownMoment(name);
  return found;
}

/** Drops a moment with its schemas, finished or not. Recorded in the audit log. Throws `NotFound`. */
export async function dropMoment(installation: Installation, stores: Pick<ReplayStores, 'moments'>, name: string): Promise<void> {
  const { position, recordedAt, projections } = await requireMoment(stores, name);
  await auditedRun(installation, {
    verb: 'replay drop',
    arguments: { name },
    before: async () => ({ position, recordedAt, schemas: projections.map(({ schema }) => schema) }),
    run: () => stores.moments.drop(name),
  });
}
