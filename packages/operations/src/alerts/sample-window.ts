import type { Matcher, Matchers } from '../alert-rules/expression.ts';
import type { ExportedSample } from './text-format.ts';

export type Labels = Readonly<Record<string, string>>;

/** A series and what it is worth. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** The values of a series in a time, oldest first. */
export interface SampledSeries {
  readonly labels: Labels;
  /** Seconds, on the clock of the window. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

interface StoredSeries {
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
  /** It was missing when its target was asked last. */
  gone: boolean;
}

/** For so long, a value is taken for the present one. That of Prometheus. */
export const lookbackSeconds = 300;

/**
 * What targets have exported within a time, in memory. Bounded: metrics that nobody asks for are not kept, and values no longer than somebody looks
 * back. Times are seconds on a clock that never goes back.
 */
export class SampleWindow {
  readonly #keepSeconds: ReadonlyMap<string, number>;
  /** By metric, then by target and labels. */
  readonly #series = new Map<string, Map<string, StoredSeries>>();

  /** `keepSeconds`: by metric, how far somebody looks back. */
  constructor(keepSeconds: ReadonlyMap<string, number>) {
    this.#keepSeconds = keepSeconds;
  }

  /** What a target exported at a time, with labels that tell the target. What it does not export any more is gone at once. */
  append(at: number, target: Labels, samples: readonly ExportedSample[]): void {
    const prefix = keyOf(target);
    const seen = new Set<StoredSeries>();
    for (const { name, labels, value } of samples) {
      if (!this.#keepSeconds.has(name)) continue;
      const stored = this.#stored(name, `${prefix}${keyOf(labels)}`, { ...labels, ...target });
      if (seen.has(stored)) continue; // told twice: as with Prometheus, the first counts
      seen.add(stored);
      stored.times.push(at);
      stored.values.push(value);
      stored.gone = false;
    }
    for (const [name, bySeries] of this.#series) this.#forget(at, name, prefix, bySeries, seen);
  }

  /** The present values. */
  latest(metric: string, where: Matchers, at: number): readonly Sample[] {
    return this.#matching(metric, where).flatMap(({ labels, times, values, gone }) => {
      const [time, value] = [times.at(-1), values.at(-1)];
      return gone || time === undefined || value === undefined || at - time > lookbackSeconds ? [] : [{ labels, value }];
    });
  }

  /** The values of the seconds before. */
  range(metric: string, where: Matchers, at: number, seconds: number): readonly SampledSeries[] {
    return this.#matching(metric, where).flatMap(({ labels, times, values }) => {
      const first = times.findIndex((time) => time >= at - seconds);
      return first === -1 ? [] : [{ labels, times: times.slice(first), values: values.slice(first) }];
    });
  }

  #stored(name: string, key: string, labels: Labels): StoredSeries {
    const bySeries = this.#series.get(name) ?? new Map<string, StoredSeries>();
    this.#series.set(name, bySeries);
    const stored = bySeries.get(key) ?? { labels, times: [], values: [], gone: false };
    bySeries.set(key, stored);
    return stored;
  }

  #forget(at: number, name: string, prefix: string, bySeries: Map<string, StoredSeries>, seen: ReadonlySet<StoredSeries>): void {
    const since = at - Math.max(this.#keepSeconds.get(name) ?? 0, lookbackSeconds);
    for (const [key, stored] of bySeries) {
      if (key.startsWith(prefix) && !seen.has(stored)) stored.gone = true;
      const old = stored.times.findIndex((time) => time >= since);
      if (old === -1) bySeries.delete(key);
      else if (old > 0) {
        stored.times.splice(0, old);
        stored.values.splice(0, old);
      }
    }
  }

  #matching(metric: string, where: Matchers): readonly StoredSeries[] {
    const conditions = Object.entries(where);
    return [...(this.#series.get(metric)?.values() ?? [])].filter(({ labels }) =>
      conditions.every(([label, matcher]) => matches(labels[label] ?? '', matcher)),
    );
  }
}

/** Labels as a text that is the same for the same labels. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function matches(value: string, matcher: Matcher): boolean {
  if (typeof matcher === 'string') return value === matcher;
  if ('prefix' in matcher) return value.startsWith(matcher.prefix);
  return 'not' in matcher ? !matcher.not.includes(value) : matcher.includes(value);
}
