const firstMs = 100;
const longestMs = 5_000;

/** How long to wait after so many failures in a row: doubling from 0.1 s up to 5 s, with up to half taken off so that not all come at once. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const full = Math.min(longestMs, firstMs * 2 ** failures);
  return full * (1 - random() / 2);
}
