import type { EventStore } from '@kiroku/core';

/** How far something that follows the log is behind it. */
export interface Lag {
  /** Positions between it and the head. */
  readonly events: number;
  /** The age of the first event that was not applied. */
  readonly seconds: number;
}

export interface LagOptions {
  /** The log's own. */
  readonly head: number;
  /** Up to where everything was applied. */
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The time to compare with when events were recorded: by the clock that stamps them, if it can be asked. */
export async function nowOf({ clock }: { readonly clock?: () => Promise<number> }): Promise<number> {
  return clock === undefined ? Date.now() : await clock();
}

/** How far a checkpoint is behind the log, told by the log alone: what has died cannot look well. */
export async function projectionLag(log: Pick<EventStore, 'readLog'>, { head, position, now }: LagOptions): Promise<Lag> {
  const events = Math.max(head - position, 0);
  if (events === 0) return { events, seconds: 0 };
  const [next] = (await log.readLog({ after: position, until: position + 1, pageSize: 1 })).events;
  return { events, seconds: next === undefined ? 0 : Math.max((now - Date.parse(next.recordedAt)) / 1_000, 0) };
}
