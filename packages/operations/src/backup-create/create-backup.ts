import type { BackupManifest, BackupRepository } from '@kiroku/backup';
import type { SafetyReport } from '@kiroku/postgres';
import { auditedRun } from '../audit/audited-run.ts';
import type { Installation } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import { kirokuVersion } from '../config/kiroku-version.ts';
import { recordSafety } from '../safety-reports/record-safety.ts';
import type { BackUp, BackupProgress } from './back-up.ts';
import { backUpDumps } from './back-up-dumps.ts';
import { backUpEmbedded } from './back-up-embedded.ts';
import { backUpPgBackRest } from './back-up-pgbackrest.ts';
import { newBackupId } from './backup-id.ts';
import { backupMethod } from './backup-method.ts';

export interface CreateBackupOptions {
  readonly repository: BackupRepository;
  /** Of what is read. Default: as quick as it goes. */
  readonly maxBytesPerSecond?: number | undefined;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Ends it; what was made is removed. */
  readonly signal?: AbortSignal;
}

const methods: { readonly [method in BackupManifest['method']]: BackUp } = {
  embedded: backUpEmbedded,
  pg_dump: backUpDumps,
  pgbackrest: backUpPgBackRest,
};

/**
 * Backs the three databases up, so that they fit together. The audit log notes who did. Nothing of a backup that was cut off counts: its manifest
 * is written last. Throws `BackupStoreUnavailable`, `DatabaseUnavailable`, `ConfigurationInvalid`; `Stopping` when the signal fires.
 */
export async function createBackup(installation: Installation, options: CreateBackupOptions): Promise<BackupManifest> {
  const method = backupMethod(installation);
  const id = newBackupId(new Date());
  // it counts all the same if this cannot be noted, and the alert of its age says so
  const note = (succeeded: boolean, report: SafetyReport['report']) =>
    recordSafety(installation, { kind: 'backup', id, succeeded, report }).catch(() => undefined);
  try {
    const made = await auditedRun(installation, {
      verb: 'backup create',
      arguments: { id, method, place: options.repository.place },
      run: () => make(installation, { ...options, id, method }),
      after: told,
    });
    await note(true, told(made));
    return made;
  } catch (error) {
    if (!options.signal?.aborted) await note(false, { error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

function told({ head, parts, startedAt, finishedAt }: BackupManifest) {
  const storedBytes = parts.reduce((sum, part) => sum + part.storedBytes, 0);
  return { position: head.position, storedBytes, seconds: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000 };
}

async function make(
  installation: Installation,
  { id, method, ...options }: CreateBackupOptions & { readonly id: string; readonly method: BackupManifest['method'] },
): Promise<BackupManifest> {
  const startedAt = new Date().toISOString();
  const { maxBytesPerSecond, signal, onProgress = () => undefined } = options;
  await using writer = await options.repository.begin(id);
  const keys = options.repository.encrypted ? keyDirectory(installation) : undefined;
  const throttle = { bytesPerSecond: maxBytesPerSecond, signal };
  const made = await methods[method](installation, { writer, id, keyDirectory: keys, throttle, onProgress });
  return writer.finish({
    method,
    startedAt,
    kirokuVersion: await kirokuVersion(),
    application: installation.config.name,
    ...made,
  });
}
