import type { Application, Consumer, Job, ParkedKey, RecordedAction, VersionStatus } from '@kiroku/core';
import type { Moment, ProcessManagerStats } from '@kiroku/postgres';

/** What is there that may hold something of a subject. A part that could not be looked at is missing. */
export interface PrivacyFacts {
  readonly application: Pick<Application, 'aggregates' | 'projections' | 'processManagers'>;
  /** Event types in which the log has something of the subject, as far as was looked. */
  readonly typesAbout: readonly string[];
  /** When the subject was forgotten, milliseconds since 1970. Missing: it was not, or nobody knows when. */
  readonly forgottenAt?: number;
  /** Milliseconds since 1970: what was derived from events read since holds nothing of the subject. Missing: everything may. */
  readonly cleanFrom?: number;
  readonly versions?: readonly VersionStatus[];
  /** Ids of jobs of builds that took all their rows from the log; of other builds rows may have been carried over. */
  readonly wholeJobs?: ReadonlySet<string>;
  readonly moments?: readonly Moment[];
  readonly parked?: readonly ParkedKey[];
  readonly processManagers?: readonly ProcessManagerStats[];
  readonly consumers?: readonly Consumer[];
  /** Verifications of read models, which keep rows they found wrong, and those that the audit log has of repairs. */
  readonly verifications?: readonly Job[];
  readonly repairs?: readonly RecordedAction[];
  readonly jobRetentionDays: number;
  readonly backups?: BackupFacts;
}

export interface BackupFacts {
  readonly place: string;
  readonly keepDays: number;
  /** Whether keys can be kept there. */
  readonly takesKeys: boolean;
  readonly backups: readonly { readonly id: string; readonly startedAt: string; readonly finishedAt: string; readonly keys: boolean }[];
  /** ISO 8601: when keys were kept between backups. */
  readonly keptKeys: readonly string[];
}
