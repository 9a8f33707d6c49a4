/** Every so many seconds, services are asked and rules looked at. */
export const stepSeconds = 15;

/** A run of values, one at each look: `start`, then `count` more, each `step` higher than the one before. */
export interface Run {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Series by their names as they stand in PromQL, and their values one look after the other. */
export type Input = Readonly<Record<string, readonly Run[]>>;

/** Where an alert begins to fire: shown on both sides of the limit. Made into a test for promtool, and asked of our own evaluation. */
export interface Limit {
  readonly alert: string;
  /** Just beyond. */
  readonly beyond: Input;
  /** The look, in seconds from the first, at which it fires; a look before it does not. */
  readonly firesAt: number;
  /** What the alert is called by, besides its name and severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** Just within, each in a way of its own: does not fire, not within 5 minutes after that time either. */
  readonly within: readonly Input[];
}

/** Inputs go on for longer than any alert has to hold. */
const looks = 300;

/** The same value at every look. */
export function steady(value: number): readonly Run[] {
  return [{ start: value, step: 0, count: looks }];
}

/** A counter that grows by so much from look to look. */
export function growing(step: number): readonly Run[] {
  return [{ start: 0, step, count: looks }];
}

/** A counter that grows by one for some looks, and then no more. */
export function counted(total: number): readonly Run[] {
  return [
    { start: 0, step: 1, count: total },
    { start: total, step: 0, count: looks },
  ];
}

/** When a process began that has been started anew so many times, a minute after the other. */
export function restarted(times: number): readonly Run[] {
  const starts = Array.from({ length: times + 1 }, (_, index) => 1_000 + 60 * index);
  return starts.map((start, index) => ({ start, step: 0, count: index < times ? 3 : looks }));
}
