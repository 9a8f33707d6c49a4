import type { Application } from '@kiroku/core';
import type { PrivacyFacts } from './privacy-facts.ts';

/** What may have been derived from personal fields. What this code does not declare is taken to be: nobody knows what it has read. */
export interface PersonalReach {
  readsProjection(name: string): boolean;
  readsProcessManager(name: string): boolean;
  /** Whether something of these types is personal; no types: all. */
  isOf(types: readonly string[] | undefined): boolean;
}

/** `typesAbout`: those in which the log has something of the subject; older code may have declared them. */
export function personalReach(
  { aggregates, projections, processManagers }: PrivacyFacts['application'],
  typesAbout: readonly string[],
): PersonalReach {
  const types = new Set([...personalTypes(aggregates), ...typesAbout]);
  const isOf = (some: readonly string[] | undefined) => some === undefined || some.length === 0 || some.some((type) => types.has(type));
  const reads = (declared: readonly { readonly name: string; readonly eventTypes: readonly string[] }[]) => (name: string) => {
    const found = declared.find((each) => each.name === name);
    return found === undefined || found.eventTypes.some((type) => types.has(type));
  };
  return { readsProjection: reads(projections), readsProcessManager: reads(processManagers), isOf };
}

/** Event types that declare personal fields. */
export function personalTypes(aggregates: readonly Pick<Application['aggregates'][number], 'events'>[]): readonly string[] {
  return aggregates.flatMap(({ events }) =>
    Object.entries(events).flatMap(([type, { personal }]) => (personal === undefined ? [] : [type])),
  );
}
