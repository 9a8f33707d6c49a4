import type { LogIdentity, Projection } from '@kiroku/core';

/** As of what read models are built. */
export interface MomentPlace {
  /** Begins the names of its schemas. */
  readonly name: string;
  /** The last position that is in the rows. */
  readonly position: number;
  /** ISO 8601, of the event at that position. */
  readonly recordedAt: string;
  readonly log: LogIdentity;
}

/** A projection as of a moment. */
export interface MomentProjection {
  readonly projection: string;
  readonly version: number;
  readonly schema: string;
  /** The job that builds or built it. */
  readonly job: string;
  /** Of the run of that job which writes it. */
  readonly epoch: number;
  /** Keys whose rows are as they were before an event that could not be folded. */
  readonly parkedKeys: number;
  readonly bytes: number;
  /** ISO 8601. Missing: it is not complete. */
  readonly builtAt?: string;
}

/** Read models as of a position of the log. */
export interface Moment extends MomentPlace {
  /** ISO 8601. */
  readonly createdAt: string;
  readonly projections: readonly MomentProjection[];
}

/** A part of the list of moments. */
export interface MomentPage {
  /** Only those after it. */
  readonly after?: Pick<MomentPlace, 'name' | 'position'>;
  /** At most. Default: all. */
  readonly limit?: number;
}

/** A run of a job that builds a moment. A later one, with a greater epoch, outdates it. */
export interface MomentRun {
  readonly moment: MomentPlace;
  /** It may begin anew what it has not finished. */
  readonly job: string;
  readonly epoch: number;
}

/** What of a moment is to be built. */
export interface MomentBuild extends MomentRun {
  readonly projections: readonly Projection[];
  /** What is built already, or was begun by another job, is dropped. Default: that is refused. */
  readonly replace?: boolean;
}

/** A projection of a moment in the making. */
export interface MomentTarget extends MomentRun {
  readonly projection: Projection;
}
