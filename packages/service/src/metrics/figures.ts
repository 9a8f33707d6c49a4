import { setTimeout as sleep } from 'node:timers/promises';
import type { GaugeName, SetGauge } from './metric-names.ts';

/** Figures that have to be asked for. */
export interface FigureSource<T = unknown> {
  /** The gauges it sets. They are missing while it does not answer: an old figure would look like a good one. */
  readonly gauges: readonly GaugeName[];
  /** The database it asks: the label of `kiroku_dependency_up`. Default: it asks several, and says nothing about one of them. */
  readonly dependency?: string;
  readonly read: () => Promise<T>;
  readonly tell: (figures: T, set: SetGauge) => void;
}

export interface FiguresOptions {
  /** Milliseconds a source has to answer a scrape. Default 1,000. */
  readonly figuresTimeoutMs?: number;
  /** Milliseconds for which what a source answered is good enough for further scrapes. Default 3,000. */
  readonly figuresMaxAgeMs?: number;
}

interface Asked {
  readonly source: FigureSource;
  underWay?: Promise<unknown>;
  last?: { readonly at: number; readonly figures: unknown; readonly failed: boolean };
}

/**
 * Asks sources when somebody scrapes, and only then: one question to each at a time, however many scrape, and none again within a few seconds.
 * One that hangs is not asked again beside.
 */
export class Figures {
  readonly #asked: Asked[] = [];
  readonly #timeoutMs: number;
  readonly #maxAgeMs: number;

  constructor({ figuresTimeoutMs = 1_000, figuresMaxAgeMs = 3_000 }: FiguresOptions = {}) {
    this.#timeoutMs = figuresTimeoutMs;
    this.#maxAgeMs = figuresMaxAgeMs;
  }

  add<T>(source: FigureSource<T>): void {
    this.#asked.push({ source: source as unknown as FigureSource }); // it is given what it has read itself
  }

  /** Sets what is known after the time that sources have; never throws. */
  async collect(set: SetGauge, forget: (name: GaugeName) => void): Promise<void> {
    await Promise.all(
      this.#asked.map(async (asked) => {
        const { source } = asked;
        const answer = await this.#answer(asked);
        for (const gauge of source.gauges) forget(gauge);
        if (answer !== undefined) source.tell(answer.figures, set);
        if (source.dependency !== undefined) set('dependencyUp', answer === undefined ? 0 : 1, { dependency: source.dependency });
      }),
    );
  }

  async #answer(asked: Asked): Promise<{ readonly figures: unknown } | undefined> {
    if (asked.last === undefined || performance.now() - asked.last.at >= this.#maxAgeMs) {
      const waited = new AbortController();
      const tooLate = sleep(this.#timeoutMs, 'late' as const, { signal: waited.signal, ref: false }).catch(() => 'late' as const);
      const came = await Promise.race([this.#ask(asked).then(() => 'in time' as const), tooLate]);
      waited.abort();
      if (came === 'late') return undefined;
    }
    return asked.last?.failed === false ? asked.last : undefined;
  }

  #ask(asked: Asked): Promise<unknown> {
    asked.underWay ??= Promise.resolve()
      .then(() => asked.source.read())
      .then(
        (figures) => ({ figures, failed: false }),
        () => ({ figures: undefined, failed: true }),
      )
      .then((answer) => {
        asked.last = { at: performance.now(), ...answer };
        delete asked.underWay;
      });
    return asked.underWay;
  }
}
