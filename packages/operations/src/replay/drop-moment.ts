import { type Moment, unknownMoment } from '@kiroku/postgres';
import { recordedRun } from '../audit/audited-run.ts';
import type { OperatingStores } from '../config/operating-stores.ts';
import type { Operator } from '../config/operator.ts';
import type { ReplayStores } from './replay-stores.ts';

/** The moment that would be dropped. Throws `NotFound`. */
export async function requireMoment({ moments }: Pick<ReplayStores, 'moments'>, name: string): Promise<Moment> {
  const found = await moments.moment(name);
  if (found === undefined) throw unknownMoment(name);
  return found;
}

/** Drops a moment with its schemas, finished or not; returns what it was. Recorded in the audit log. Throws `NotFound`. */
export async function dropMoment(
  stores: Pick<ReplayStores, 'moments'> & Pick<OperatingStores, 'audit'>,
  { name, operator }: { readonly name: string; readonly operator: Operator },
): Promise<Moment> {
  const moment = await requireMoment(stores, name);
  const { position, recordedAt, projections } = moment;
  await recordedRun(stores.audit, operator, {
    verb: 'replay drop',
    arguments: { name },
    before: async () => ({ position, recordedAt, schemas: projections.map(({ schema }) => schema) }),
    run: () => stores.moments.drop(name),
  });
  return moment;
}
