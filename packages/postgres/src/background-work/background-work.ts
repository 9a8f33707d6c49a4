/** How far something that follows the log is behind it. */
export interface WorkLag {
  readonly events: number;
  /** Age of the first event that it has not looked at. */
  readonly seconds: number;
}

/** A lease, seen by the clock of the database that keeps it. */
interface LeasedWork extends WorkLag {
  readonly name: string;
  readonly position: number;
  /** Since its slowest part last moved. */
  readonly restedSeconds: number;
  /** Since its lease is over; absent if it is held, or was given back. */
  readonly lapsedSeconds?: number;
  /** Processes alive that could take it. */
  readonly attending: number;
}

/** A process manager at its work. */
export interface ProcessManagerWork extends LeasedWork {
  readonly partitions: number;
  /** Partitions that no process holds. */
  readonly unheld: number;
  /** Since the timer was due that is due first. */
  readonly timerOverdueSeconds?: number;
}

/** An outside consumer that is not paused. */
export interface ConsumerWork extends LeasedWork {
  /** It has so long for one answer. */
  readonly timeoutMs: number;
  readonly held: boolean;
  /** Since the message was due that is due first; one that is on its way counts until it has arrived. */
  readonly overdueSeconds?: number;
  /** What keeps it from delivering, or the failure of the message that is tried again last; and since when. */
  readonly failingError?: string;
  readonly failingSeconds?: number;
  /** Of the last dead letter: why, and since when it is tried no more. */
  readonly deadError?: string;
  readonly deadSeconds?: number;
}

/** A job that waits or runs. */
export interface OpenJob {
  readonly id: string;
  readonly verb: string;
  /** Since it is there; absent if it runs. */
  readonly queuedSeconds?: number;
  /** Since its owner's lease is over, negative while it is held; absent if it waits. */
  readonly lapsedSeconds?: number;
}

/**
 * What works in the background, told by the rows that wait for it, the head of the log and the leases: not by the word of those who do it, so that
 * what has died or stands still cannot look well. Times are by the databases' clocks.
 */
export interface BackgroundWork {
  /** Those that have been registered. */
  readonly processManagers: readonly ProcessManagerWork[];
  /** Since the command was due that is due first, and is in nobody's hands. */
  readonly commandOverdueSeconds?: number;
  readonly jobs: readonly OpenJob[];
  readonly consumers: readonly ConsumerWork[];
}
