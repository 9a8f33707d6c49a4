import type { Random } from '../shopper/random.ts';

/** When requests are due, in milliseconds from the start: at random moments, independent of each other (Poisson), `rate` a second on average. */
export function* arrivals(random: Random, rate: number): Generator<number, never> {
  for (let at = 0; ; ) {
    at += (-Math.log(1 - random()) * 1_000) / rate;
    yield at;
  }
}
