import type { JobProgress } from '@kiroku/core';

export interface Sample {
  /** Milliseconds on a clock that only goes forward. */
  readonly at: number;
  readonly done: number;
}

const windowMs = 30_000;

/** The samples of the last 30 seconds, with a new one. Work that begins anew (fewer done than before) begins the samples anew. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.done < last.done) return [sample];
  return [...samples.filter(({ at }) => at >= sample.at - windowMs), sample];
}

/** Units a second, and seconds until all is done: over the samples, so that it neither jumps nor remembers a slow start for long. */
export function paceOf(samples: readonly Sample[], { done, total }: JobProgress): { readonly rate?: number; readonly etaSeconds?: number } {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return {};
  const rate = ((last.done - first.done) * 1_000) / (last.at - first.at);
  if (total === undefined || rate <= 0) return { rate };
  return { rate, etaSeconds: Math.max(total - done, 0) / rate };
}
