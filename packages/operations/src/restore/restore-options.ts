import type { BackupRepository } from '@kiroku/backup';
import type { JudgesKeyFiles, KeyStore } from '@kiroku/core';
import type { RestoreSummary } from './restore-report.ts';

/** How far a restore is. */
export type RestoreProgress =
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'progress'; readonly done: number; readonly total?: number; readonly unit: string };

export interface RestoreOptions {
  readonly repository: BackupRepository;
  /** Of personal data, which folds may read. One that is files tells which of them are damaged. */
  readonly keys: KeyStore & Partial<JudgesKeyFiles>;
  /** Asked before anything in use is changed. */
  readonly agree: (summary: RestoreSummary) => Promise<boolean>;
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** Ends it, as long as nothing in use is changed; what was made is removed. */
  readonly signal?: AbortSignal;
}
