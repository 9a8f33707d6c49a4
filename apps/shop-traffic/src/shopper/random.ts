import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Numbers from 0 to below 1; the same for the same seed. */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  const generator = mersenne(seed); // unlike the faster ones it is well mixed from its first number on, for small seeds too
  return () => uniformFloat64(generator);
}

export function happens(random: Random, share: number): boolean {
  return random() < share;
}

/** A whole number from `min` to `max`, both included. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

export function pick<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[between(random, 0, list.length - 1)] ?? list[0];
}

export function isFilled<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
