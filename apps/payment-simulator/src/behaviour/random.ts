import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Numbers from 0 to below 1; the same for the same seed. */
export function seededRandom(seed: number): () => number {
  const generator = mersenne(seed); // unlike the faster ones it is well mixed from its first number on, for small seeds too
  return () => uniformFloat64(generator);
}
