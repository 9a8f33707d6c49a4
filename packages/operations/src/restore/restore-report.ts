import type { TreatedFinding } from '../doctor/run-doctor.ts';

/** What a restore is about to put in the place of what is in use. */
export interface RestoreSummary {
  readonly backup: string;
  /** What was wanted, in words. */
  readonly until: string;
  /** Where the restored log ends. */
  readonly position: number;
  /** When that was recorded; absent if the log is empty. */
  readonly recordedAt?: string;
  /** Of the log, from now on. */
  readonly timeline: number;
  /** Events of the log in use that the restored one has not; `undefined` if that could not be read. */
  readonly eventsLost: number | undefined;
  /** Keys of personal data that were missing or damaged, and are back. */
  readonly keysAdded: number;
  /** What people should know before they agree, one line each. */
  readonly notices: readonly string[];
  /** What the doctor found in what was restored, and what became of it. */
  readonly findings: readonly TreatedFinding[];
  /** What becomes of what, one line each. */
  readonly switching: readonly string[];
}

/** What a restore did. */
export interface RestoreReport extends RestoreSummary {
  /** Where what was in use before is kept. */
  readonly aside: string;
  /** What is left to do, one line each. */
  readonly todo: readonly string[];
  readonly seconds: number;
}
