import type { HealthCheck } from './dependency.ts';

/** How far a read model is behind the log. */
export interface ReadModelLag {
  readonly position: number;
  /** Events of the log that it has not looked at. */
  readonly events: number;
  /** Age of the first of them. */
  readonly seconds: number;
  /** Empty if it is not there yet. */
  readonly partitions: readonly {
    readonly partition: number;
    /** Missing if no process runs it. */
    readonly owner?: string;
    readonly stalled?: { readonly reason: string; readonly since: string };
  }[];
}

/** A check that fails while a read model is stalled, run by nobody, or further behind than `maxSeconds`; with the reason. */
export function readModelCheck(measure: () => Promise<ReadModelLag>, { maxSeconds }: { readonly maxSeconds: number }): HealthCheck {
  return async () => {
    const lag = await measure();
    const fault = faultOf(lag, maxSeconds);
    if (fault !== undefined) throw new Error(`${fault}; it is at position ${lag.position}, ${behind(lag)}`);
  };
}

/** A check that fails as long as there is nothing to read: the version is being built. */
export function readableCheck(measure: () => Promise<Pick<ReadModelLag, 'partitions'>>): HealthCheck {
  return async () => {
    if ((await measure()).partitions.length === 0) throw new Error('it is being built: `kiroku projection list` shows how far it is');
  };
}

/** The check of a projection, after whether it is of another history of the log: that says more than that nobody runs it. */
export function ofItsHistory(
  { name }: { readonly name: string },
  status: () => { readonly mismatched: ReadonlyMap<string, Error> },
  check: HealthCheck,
): HealthCheck {
  return async (signal) => {
    const mismatch = status().mismatched.get(name);
    if (mismatch !== undefined) throw mismatch;
    await check(signal);
  };
}

function faultOf({ seconds, partitions }: ReadModelLag, maxSeconds: number): string | undefined {
  const stalled = partitions.find((each) => each.stalled !== undefined)?.stalled;
  if (stalled !== undefined) return `stalled since ${stalled.since}: ${stalled.reason}`;
  const unowned = partitions.filter(({ owner }) => owner === undefined).length;
  if (unowned > 0) return `no process runs ${partitions.length === 1 ? 'it' : `${unowned} of its ${partitions.length} partitions`}`;
  return seconds > maxSeconds ? 'behind' : undefined;
}

function behind({ events, seconds }: ReadModelLag): string {
  return events === 0 ? 'at the end of the log' : `${events} events and ${Math.round(seconds)} s behind the log`;
}
