/** What the databases of an application say of themselves to who watches them, whoever is to move what waits. Methods throw `DatabaseUnavailable`. */
export interface StoredFigures {
  readonly log: LogFigures;
  readonly work: WorkFigures;
  readonly readModels: ReadModelFigures;
  readonly safety: SafetyFigures;
}

export interface LogFigures {
  /** Position of the last event, 0 if there is none. */
  position(): Promise<number>;
  /** How many whole partitions of events are ready after the one that is being filled. */
  partitionsAhead(): Promise<number>;
  /** How far positions are behind, in their order. */
  lags(positions: readonly number[]): Promise<readonly FollowerLag[]>;
}

/** How far something that follows the log is behind it. */
export interface FollowerLag {
  readonly events: number;
  /** Age of the first event that it has not looked at, by the clock of the log. */
  readonly seconds: number;
}

/** Of process managers, their outbox and timers, of outside consumers, and of jobs. */
export interface WorkFigures {
  waiting(processManagers: readonly string[]): Promise<WaitingWork>;
  /** Of process managers that have been registered, and of consumers that are not paused. */
  positions(processManagers: readonly string[]): Promise<readonly FollowerPosition[]>;
}

/** What waits. Counting stops at a bound, so that asking does not cost more the more there is. */
export interface WaitingWork {
  readonly sagas: readonly { readonly name: string; readonly open: number; readonly stuck: number }[];
  readonly outgoing: { readonly waiting: number; readonly oldestSeconds: number; readonly parked: number };
  /** `overdueSeconds`: for how long the first has been due; 0 if none is. */
  readonly timers: readonly {
    readonly name: string;
    readonly waiting: number;
    readonly overdue: number;
    readonly overdueSeconds: number;
  }[];
  readonly consumers: readonly { readonly name: string; readonly waiting: number; readonly queued: number; readonly dead: number }[];
  readonly failedJobs: number;
}

/** Where something that follows the log is. */
export interface FollowerPosition {
  readonly kind: 'processManager' | 'consumer';
  readonly name: string;
  readonly position: number;
}

export interface ReadModelFigures {
  read(projections: readonly { readonly name: string; readonly version: number }[]): Promise<readonly ProjectionFigures[]>;
}

/** How a projection is, in the build that is read. */
export interface ProjectionFigures {
  readonly name: string;
  readonly state: 'following' | 'paused' | 'stalled' | 'orphaned' | 'unbuilt';
  /** Of its slowest partition; `null` if there is nothing to read. */
  readonly position: number | null;
  /** Counted up to 10,000. */
  readonly parkedKeys: number;
  /** Complete ones that neither queries read nor a rollback leads to. */
  readonly spareBuilds: number;
}

/** How safe what is stored is. */
export interface SafetyFigures {
  /** Of what there ever was a report. */
  ages(): Promise<readonly SafetyAge[]>;
  /** For how long there have been events, in seconds; 0 if there are none. */
  loggingForSeconds(): Promise<number>;
  /** The archives of the servers that have one. A server with several databases is told once, by the first of them. */
  archives(): Promise<readonly ArchiveFigures[]>;
  /** How many followers of the log are of another history. */
  otherHistories(): Promise<{ readonly processManagers: number; readonly consumers: number; readonly readModels: number }>;
}

/** Of backups, or of drills. */
export interface SafetyAge {
  readonly kind: 'backup' | 'drill';
  /** Age of the latest that went well, or else of the first that could not be tried; `null`: there was neither. */
  readonly goodSeconds: number | null;
  /** `null`: none was ever tried. */
  readonly lastWentWell: boolean | null;
  /** As the latest good drill measured it. */
  readonly rtoSeconds: number | null;
  readonly rpoSeconds: number | null;
}

export interface ArchiveFigures {
  readonly database: string;
  /** The last try failed. */
  readonly failing: boolean;
  /** Seconds since the last piece was archived, if more than the one in use is missing; else 0. */
  readonly lagSeconds: number;
}
