/** What a drill found. */
export interface DrillReport {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly succeeded: boolean;
  /** false: it could not begin, for want of rights, room or a backup, and so says nothing about what is kept. */
  readonly tried: boolean;
  /** Why not, one line each. */
  readonly faults: readonly string[];
  /** That was restored; absent if there is none. */
  readonly backup?: string;
  /** Where the restored log ends. */
  readonly position?: number;
  /** How long it took until what was restored was there and proven: unpacked, recovered, verified. */
  readonly rtoSeconds?: number;
  /** Of that, until the databases could be read. */
  readonly recoverySeconds?: number;
  /** How much would have been lost, in time, with the machine: what was recorded last and is not in the restored log. Absent if the log in use could not be read. */
  readonly rpoSeconds?: number;
  /** Whether the log in use has the same chain up to where the restored one ends, and so the same events. Absent if it could not be read. */
  readonly sameAsLive?: boolean;
  readonly projections: readonly DrilledProjection[];
}

export interface DrilledProjection {
  readonly name: string;
  readonly rows: number;
  /** Rows that are not what the events make of them. */
  readonly wrong: number;
}
