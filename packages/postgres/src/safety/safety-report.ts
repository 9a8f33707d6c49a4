import type { JsonObject } from '@kiroku/core';

export type SafetyKind = 'backup' | 'drill' | 'archive' | 'doctor';

/** How something went that was done for safety. */
export interface SafetyReport {
  readonly kind: SafetyKind;
  /** Of a backup or drill its own id; once for each kind. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly succeeded: boolean;
  readonly report: JsonObject;
}

/** The latest of a kind, whichever way it went, and the latest that went well. */
export interface LatestReports {
  readonly latest?: SafetyReport;
  readonly good?: SafetyReport;
}
