import type { ParkedKey } from '@kiroku/core';
import type { ProjectionStatus } from '../projection-list/list-projections.ts';
import { unknownProjection } from '../projection-list/require-projection.ts';
import { findParked } from './parked-reference.ts';

/** `retry`: fold the parked events again. `skip`: leave out the event that failed, and fold the others. `discard`: leave out all of them. */
export type ParkedVerb = 'retry' | 'skip' | 'discard';

export interface ParkedChoice {
  readonly projection: string;
  readonly verb: ParkedVerb;
  /** As they are listed; or all that are parked. */
  readonly keys: readonly string[] | 'all';
}

/**
 * The parked keys that a verb would work on, in every build of the version that the code declares: it is what can fold them. Throws `NotFound`,
 * `BadRequest`.
 */
export function planParked(
  { statuses, parked }: { readonly statuses: readonly ProjectionStatus[]; readonly parked: readonly ParkedKey[] },
  { projection, keys }: Pick<ParkedChoice, 'projection' | 'keys'>,
): readonly ParkedKey[] {
  const declared = statuses.find((status) => status.projection === projection && status.declared);
  if (declared === undefined)
    throw unknownProjection(
      projection,
      statuses.filter((status) => status.declared).map((status) => status.projection),
    );
  const candidates = parked.filter((key) => key.projection === projection && key.version === declared.version);
  return keys === 'all' ? candidates : [...new Set(keys.flatMap((key) => findParked(candidates, key)))];
}
