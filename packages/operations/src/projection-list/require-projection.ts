import { type Application, KirokuError, type Projection } from '@kiroku/core';
import { meantName } from '../config/meant-name.ts';

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
  return new KirokuError(
    'NotFound',
    `There is no projection "${name}". ${names.length === 0 ? 'This application declares none.' : meantName(name, names)}`,
  );
}
