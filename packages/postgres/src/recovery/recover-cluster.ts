import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isKirokuError, KirokuError } from '@kiroku/core';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { serverPlace } from '../embedded/server-place.ts';
import { type RecoveryTarget, recoverySettings } from './recovery-target.ts';
import { WalFeed, type WalSource } from './wal-feed.ts';

export interface RecoverOptions {
  /** Holds the unpacked cluster. */
  readonly directory: string;
  readonly port: number;
  /** That the superuser has afterwards. */
  readonly superuserPassword: string;
  readonly target: RecoveryTarget;
  readonly source: WalSource;
  readonly segmentBytes: number;
  /** What comes of it is thrown away: nothing is noted for the archive. Default false. */
  readonly isScratch?: boolean;
  readonly onSegment?: (name: string) => void;
  readonly onNotice?: (notice: string) => void;
  /** Ends it; throws `Stopping`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Applies the write-ahead log to an unpacked cluster up to the target, and returns its server, which accepts connections, archives
 * nothing, and works without fsync: what is to be kept needs `syncFiles` after its end. Throws `WalMissing`, `BackupDamaged`, and `RestoreTargetOutOfRange` if the log ends before the target, or the target is before the end of
 * the backup: `details.end` says which. May be called again on the same cluster.
 */
export async function recoverCluster(options: RecoverOptions): Promise<EmbeddedPostgres> {
  const { directory, source, segmentBytes, onSegment, signal } = options;
  const place = await serverPlace(directory);
  await signalRecovery(join(place.home.directory, 'cluster'), place.account);
  await using feed = await WalFeed.open({ ...place, source, segmentBytes, ...(onSegment && { onSegment }) });
  const server = serverOf(options, feed.restoreCommand);
  const stop = () => server.kill();
  signal?.addEventListener('abort', stop);
  try {
    await server.start();
    return server;
  } catch (error) {
    if (signal?.aborted) throw new KirokuError('Stopping', 'Interrupted while the write-ahead log was applied.', { cause: error });
    throw feed.fault ?? explained(error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function serverOf(options: RecoverOptions, restoreCommand: string): EmbeddedPostgres {
  const { directory, port, superuserPassword, target, isScratch = false, onNotice } = options;
  return new EmbeddedPostgres({
    directory,
    port,
    superuserPassword,
    // fsync of each segment made 500 of them take five minutes on a busy disk; whoever keeps the cluster syncs it once, at its end
    durable: false,
    takeOver: true,
    overrides: {
      port: String(port),
      // the history of the timeline that begins has to be archived, or nothing after it can be restored: it waits for the server that does
      ...(isScratch ? { archive_mode: 'off' } : { archive_mode: 'on', archive_command: '' }),
      hot_standby: 'off',
      restore_command: restoreCommand,
      ...recoverySettings(target),
    },
    ...(onNotice && { onNotice }),
  });
}

async function signalRecovery(cluster: string, account: { readonly uid: number; readonly gid: number } | undefined): Promise<void> {
  const file = join(cluster, 'recovery.signal');
  await writeFile(file, '', { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
}

function explained(error: unknown): unknown {
  const said = isKirokuError(error) ? error.details.log : undefined;
  const log = typeof said === 'string' ? said : '';
  if (/recovery ended before configured recovery target was reached/.test(log)) return outOfRange('log', error);
  if (/requested recovery stop point is before consistent recovery point/.test(log)) return outOfRange('backup', error);
  return error;
}

function outOfRange(end: 'log' | 'backup', cause: unknown): KirokuError {
  const why = end === 'log' ? 'The write-ahead log that is kept ends before it.' : 'The backup ended after it.';
  return new KirokuError('RestoreTargetOutOfRange', `There is nothing to restore that time or position from. ${why}`, {
    cause,
    details: { end },
  });
}
