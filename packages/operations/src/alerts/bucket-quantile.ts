/** How many observations were not above a bound. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/** As `histogram_quantile` of Prometheus: within its bucket, the value is taken to be where it would be if all were spread evenly. */
export function bucketQuantile(quantile: number, given: readonly Bucket[]): number {
  const buckets = monotonic(given.toSorted((a, b) => a.bound - b.bound));
  const last = buckets.at(-1);
  if (buckets.length < 2 || last?.bound !== Number.POSITIVE_INFINITY || !(last.count > 0)) return Number.NaN;
  const rank = quantile * last.count;
  const index = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  if (bucket === undefined) return buckets.at(-2)?.bound ?? Number.NaN; // beyond all bounds
  if (index === 0 && bucket.bound <= 0) return bucket.bound;
  const below = buckets[index - 1] ?? { bound: 0, count: 0 };
  return below.bound + (bucket.bound - below.bound) * ((rank - below.count) / (bucket.count - below.count));
}

/** Buckets that were counted at different times may contradict each other. */
function monotonic(buckets: readonly Bucket[]): readonly Bucket[] {
  let highest = Number.NEGATIVE_INFINITY;
  return buckets.map(({ bound, count }) => {
    if (count > highest) highest = count; // not Math.max, which keeps a NaN
    return { bound, count: highest };
  });
}
