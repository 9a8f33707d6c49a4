import type { Aggregate } from './aggregate.ts';

/**
 * The names of the fields that events and commands declare personal, of `address.street` the last part: what a log leaves out wherever a
 * field is called so.
 */
export function personalNames(aggregates: readonly Pick<Aggregate, 'events' | 'commands'>[]): ReadonlySet<string> {
  const paths = aggregates.flatMap(({ events, commands }) => [
    ...Object.values(events).flatMap(({ personal }) => personal?.fields ?? []),
    ...Object.values(commands).flatMap(({ personal }) => personal ?? []),
  ]);
  return new Set(paths.map((path) => path.slice(path.lastIndexOf('.') + 1)));
}
