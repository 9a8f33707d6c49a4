import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Answer } from '../gateway/answer.ts';
import { type Action, type ActionKind, actionKinds } from '../shopper/actions.ts';

/** Milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}
type Counts = { readonly [code: string]: number };

export interface KindReport extends Latencies {
  readonly kind: ActionKind;
  readonly count: number;
  /** A second. */
  readonly rate: number;
  readonly errors: number;
  readonly rejections: number;
}

export interface Totals {
  readonly requests: number;
  readonly errors: Counts;
  readonly rejections: Counts;
  /** Orders by what was answered to placing and to cancelling them; `unanswered` may be there or not. */
  readonly orders: {
    readonly acknowledged: readonly string[];
    readonly cancelled: readonly string[];
    readonly unanswered: readonly string[];
  };
}

/** Counts what was answered, and how long that took. */
export class Tally {
  readonly #kinds = new Map<ActionKind, { readonly histogram: RecordableHistogram; errors: number; rejections: number }>();
  readonly #errors = new Map<string, number>();
  readonly #rejections = new Map<string, number>();
  readonly #orders = { acknowledged: [] as string[], cancelled: [] as string[], unanswered: [] as string[] };
  #recent = microseconds();
  #requests = 0;

  add(action: Action, answer: Answer, ms: number): void {
    const kind = this.#kind(action.kind);
    const duration = Math.max(1, Math.round(ms * 1_000));
    kind.histogram.record(duration);
    this.#recent.record(duration);
    this.#requests += 1;
    if (answer.outcome === 'failed') {
      kind.errors += 1;
      count(this.#errors, answer.code);
    } else if (answer.outcome === 'rejected') {
      kind.rejections += 1;
      count(this.#rejections, answer.code);
    }
    this.#addOrder(action, answer);
  }

  /** Requests that were due but never sent. */
  addUnsent(requests: number): void {
    this.#requests += requests;
    if (requests > 0) count(this.#errors, 'NotSent', requests);
  }

  /** Totals so far, and how long requests took since this was last asked. */
  recent(): { readonly answered: number; readonly p99: number; readonly orders: number; readonly errors: number } {
    const recent = this.#recent;
    this.#recent = microseconds();
    return {
      answered: recent.count,
      p99: recent.count === 0 ? 0 : recent.percentile(99) / 1_000,
      orders: this.#orders.acknowledged.length,
      errors: sum(this.#errors),
    };
  }

  totals(): Totals {
    const { acknowledged, cancelled, unanswered } = this.#orders;
    return {
      requests: this.#requests,
      errors: Object.fromEntries(this.#errors),
      rejections: Object.fromEntries(this.#rejections),
      orders: { acknowledged: [...acknowledged], cancelled: [...cancelled], unanswered: [...unanswered] },
    };
  }

  /** By kind, those that came up. */
  kinds(seconds: number): readonly KindReport[] {
    return actionKinds.flatMap((kind) => {
      const tallied = this.#kinds.get(kind);
      if (tallied === undefined) return [];
      const { histogram, errors, rejections } = tallied;
      return [{ kind, count: histogram.count, rate: histogram.count / seconds, ...latenciesOf(histogram), errors, rejections }];
    });
  }

  #kind(kind: ActionKind) {
    const known = this.#kinds.get(kind) ?? { histogram: microseconds(), errors: 0, rejections: 0 };
    this.#kinds.set(kind, known);
    return known;
  }

  #addOrder(action: Action, answer: Answer): void {
    if (action.kind === 'order' && answer.outcome === 'done') this.#orders.acknowledged.push(action.orderId);
    if (action.kind === 'order' && answer.outcome === 'failed') this.#orders.unanswered.push(action.orderId);
    if (action.kind === 'cancel' && answer.outcome === 'done') this.#orders.cancelled.push(action.orderId);
  }
}

/** Exact to three figures, up to an hour. */
function microseconds(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
}

function latenciesOf(histogram: RecordableHistogram): Latencies {
  const [p50, p95, p99] = [50, 95, 99].map((percent) => histogram.percentile(percent) / 1_000);
  return { p50: p50 ?? 0, p95: p95 ?? 0, p99: p99 ?? 0, max: histogram.max / 1_000 };
}

function count(counts: Map<string, number>, code: string, times = 1): void {
  counts.set(code, (counts.get(code) ?? 0) + times);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, each) => total + each, 0);
}
