import { type Application, KirokuError, type Projection } from '@kiroku/core';
import { closest, distance } from 'fastest-levenshtein';

/** The projection of this name that the code declares. Throws `NotFound`, with the name that was probably meant. */
export function requireProjection(application: Pick<Application, 'projections'>, name: string): Projection {
  const found = application.projections.find((projection) => projection.name === name);
  if (found !== undefined) return found;
  throw unknownProjection(
    name,
    application.projections.map((projection) => projection.name),
  );
}

/** `NotFound`, with the name that was probably meant, or all there are. */
export function unknownProjection(name: string, names: readonly string[]): KirokuError {
  return new KirokuError('NotFound', `There is no projection "${name}".${didYouMean(name, names)}`);
}

function didYouMean(name: string, names: readonly string[]): string {
  if (names.length === 0) return ' This application declares none.';
  const nearest = closest(name, names);
  if (distance(name, nearest) <= Math.max(2, Math.floor(name.length / 2))) return ` Did you mean "${nearest}"?`;
  return ` There are: ${[...new Set(names)].join(', ')}.`;
}
