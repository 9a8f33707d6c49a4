import type { BackupManifest, BackupWriter } from '@kiroku/backup';
import type { Installation } from '../config/installation.ts';
import type { ThrottleOptions } from './throttled.ts';

export interface BackupProgress {
  /** Bytes read. */
  readonly done: number;
  /** About. */
  readonly total: number;
}

export interface BackUpOptions {
  readonly writer: BackupWriter;
  readonly id: string;
  /** Of personal data, if they are to be in the backup. */
  readonly keyDirectory: string | undefined;
  readonly throttle: ThrottleOptions;
  readonly onProgress: (progress: BackupProgress) => void;
}

/** What only the method knows. */
export type BackedUp = Pick<BackupManifest, 'finishedAt' | 'postgresVersion' | 'databases' | 'head' | 'keys' | 'physical' | 'pgbackrest'>;

/** Adds the parts of a backup. */
export type BackUp = (installation: Installation, options: BackUpOptions) => Promise<BackedUp>;
