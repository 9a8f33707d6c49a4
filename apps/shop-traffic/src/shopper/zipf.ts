import type { Random } from './random.ts';

/** Draws indices of a list so that the one at rank r, from 1, comes 1/r times as often as the first: few things are wanted by many. */
export function zipf(size: number): (random: Random) => number {
  const sums: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= size; rank += 1) {
    total += 1 / rank;
    sums.push(total);
  }
  return (random) => firstAbove(sums, random() * total);
}

function firstAbove(sums: readonly number[], value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
