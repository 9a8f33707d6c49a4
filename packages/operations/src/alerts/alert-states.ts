import type { AlertRule } from '../alert-rules/rule.ts';
import { keyOf, type Labels, type Sample } from './sample-window.ts';

/** `pending`: it holds, not yet for long enough. `firing`: somebody has to know. `resolved`: it fired, and holds no longer. */
export type AlertState = 'pending' | 'firing' | 'resolved';

/** When somebody looked. */
export interface Look {
  /** Seconds, on a clock that only goes forward: what times are measured with. */
  readonly at: number;
  /** Of the clock on the wall then, ISO 8601: what people are told. */
  readonly time: string;
}

/** One thing that is wrong, or was until a moment ago. */
export interface TrackedAlert {
  readonly rule: AlertRule;
  readonly labels: Labels;
  readonly state: AlertState;
  /** When it was looked at last that it held. */
  readonly value: number;
  /** Since it is in this state. */
  readonly since: Look;
}

interface Tracked {
  readonly labels: Labels;
  readonly heldSince: Look;
  value: number;
  firingSince?: Look;
  resolvedSince?: Look;
}

/** As long as Prometheus tells others that something is over. */
const rememberResolvedSeconds = 900;

/** What becomes of alerts from one look to the next: held for long enough they fire, gone they are resolved. */
export class AlertStates {
  readonly #tracked = new Map<AlertRule, Map<string, Tracked>>();

  /** What holds of a rule now. `holdSeconds`: for how long it has to before it fires. */
  update(rule: AlertRule, samples: readonly Sample[], look: Look, holdSeconds: number): void {
    const known = this.#tracked.get(rule) ?? new Map<string, Tracked>();
    this.#tracked.set(rule, known);
    const held = new Set<string>();
    for (const { labels, value } of samples) {
      const key = keyOf(labels);
      held.add(key);
      const before = known.get(key);
      const tracked: Tracked = before === undefined || before.resolvedSince !== undefined ? { labels, heldSince: look, value } : before;
      tracked.value = value;
      if (tracked.firingSince === undefined && look.at - tracked.heldSince.at >= holdSeconds) tracked.firingSince = look;
      known.set(key, tracked);
    }
    for (const [key, tracked] of known) if (!held.has(key)) this.#end(known, key, tracked, look);
  }

  /** Of every rule that was looked at, in their order. */
  list(): readonly TrackedAlert[] {
    return [...this.#tracked].flatMap(([rule, known]) =>
      [...known.values()].map(({ labels, heldSince, value, firingSince, resolvedSince }) => {
        if (resolvedSince !== undefined) return { rule, labels, value, state: 'resolved' as const, since: resolvedSince };
        if (firingSince !== undefined) return { rule, labels, value, state: 'firing' as const, since: firingSince };
        return { rule, labels, value, state: 'pending' as const, since: heldSince };
      }),
    );
  }

  #end(known: Map<string, Tracked>, key: string, tracked: Tracked, look: Look): void {
    if (tracked.firingSince === undefined) known.delete(key);
    else if (tracked.resolvedSince === undefined) tracked.resolvedSince = look;
    else if (look.at - tracked.resolvedSince.at > rememberResolvedSeconds) known.delete(key);
  }
}
