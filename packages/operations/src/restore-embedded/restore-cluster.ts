import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupManifest, BackupRepository, PhysicalBackup } from '@kiroku/backup';
import { isKirokuError, KirokuError } from '@kiroku/core';
import {
  type EmbeddedPostgres,
  ensureCredentials,
  freePort,
  type RecoveryTarget,
  recoverCluster,
  removeServer,
  serverPlace,
  syncPaths,
  unpackTar,
  type WalSource,
} from '@kiroku/postgres';
import { readCoverage } from '../backup-continuous/wal-coverage.ts';
import { embeddedParts } from '../backup-create/back-up-embedded.ts';
import { throttled } from '../backup-create/throttled.ts';
import type { Installation } from '../config/installation.ts';
import { archivedWal, asideWalOf, liveWalOf } from './known-wal.ts';

export interface RestoreClusterOptions {
  readonly repository: BackupRepository;
  readonly manifest: BackupManifest;
  readonly target: RecoveryTarget;
  /** Home of the server that is made. Removed before, if it is there. */
  readonly directory: string;
  /** What is restored is thrown away: nothing need be durable, and the cluster in use counts as lost. */
  readonly isDrill: boolean;
  readonly onProgress: (progress: ClusterProgress) => void;
  /** Told, in one line, what people should know. */
  readonly onNotice: (notice: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ClusterProgress {
  readonly done: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'segments of log';
}

/**
 * Unpacks a backup and applies the log to it, up to the target. Returns the server that has it: with the present superuser's password, on a port of
 * its own, keeping no log. Throws `BackupDamaged`, `BackupKeyWrong`, `WalMissing`, `RestoreTargetOutOfRange`, `RestoreRefused` if there is too little
 * room to begin; what was made is removed then.
 */
export async function restoreCluster(installation: Installation, options: RestoreClusterOptions): Promise<EmbeddedPostgres> {
  const { directory, manifest } = options;
  const physical = requirePhysical(manifest);
  if (await removeServer(directory)) options.onNotice('What a restore that was cut off had left was removed');
  try {
    const unpacked = await unpack(options);
    const written = options.isDrill ? undefined : syncPaths(unpacked); // while the log is applied, for which the disk is not needed
    written?.catch(() => undefined); // told below
    try {
      return await recover(installation, physical, options);
    } finally {
      await written;
    }
  } catch (error) {
    await removeServer(directory);
    throw error;
  }
}

function requirePhysical({ id, method, physical }: BackupManifest): PhysicalBackup {
  if (physical !== undefined) return physical;
  throw new KirokuError('RestoreRefused', `Backup ${id} was made by ${method}, and is not one of the embedded PostgreSQL.`);
}

/** Returns the paths of the files. */
async function unpack({ repository, manifest, directory, onProgress, signal }: RestoreClusterOptions): Promise<readonly string[]> {
  const { home, account } = await serverPlace(directory);
  const parts = manifest.parts.filter(({ name }) => name !== embeddedParts.keys);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  await requireRoom(home.directory, total);
  let done = 0;
  const onBytes = (bytes: number) => {
    done += bytes;
    onProgress({ done, total, unit: 'bytes' });
  };
  onBytes(0); // a bar that begins with what came first tells a pace of no time
  const cluster = join(home.directory, 'cluster');
  const unpackPart = async (part: string, into: string) => {
    const content = throttled(repository.read(manifest.id, part), { signal });
    const files = await unpackTar(content, { directory: into, account, onBytes });
    return files.map((file) => join(into, file));
  };
  return [...(await unpackPart(embeddedParts.cluster, cluster)), ...(await unpackPart(embeddedParts.wal, join(cluster, 'pg_wal')))];
}

/** A tenth more than what is unpacked: the log is applied beside it. */
async function requireRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const [free, needed] = [bavail * bsize, Math.ceil(bytes * 1.1)];
  if (free >= needed) return;
  throw new KirokuError(
    'RestoreRefused',
    `The disk of ${directory} has ${megabytes(free)} MB left, and a restore beside what is there needs ${megabytes(needed)}. Make room, or set KIROKU_DATA_DIR to a larger disk.`,
    { details: { free, needed } },
  );
}

function megabytes(bytes: number): string {
  return Math.ceil(bytes / 1_000_000).toLocaleString('en');
}

async function recover(installation: Installation, physical: PhysicalBackup, options: RestoreClusterOptions): Promise<EmbeddedPostgres> {
  const { repository, target, directory, isDrill, onProgress, onNotice, signal } = options;
  const { superuser } = await ensureCredentials(installation.dataDirectory);
  const source = await sourceOf(installation, { repository, physical, target, isDrill });
  let done = 0;
  const onSegment = () => onProgress({ done: ++done, unit: 'segments of log' });
  const cluster = {
    directory,
    superuserPassword: superuser,
    isScratch: isDrill,
    source,
    segmentBytes: physical.walSegmentBytes,
    onSegment,
    onNotice,
    signal,
  };
  try {
    return await recoverCluster({ ...cluster, port: await freePort(), target });
  } catch (error) {
    if (target.kind !== 'time' || !(await isReached(error, { source, target, repository }))) throw error;
    const { along } = target;
    return recoverCluster({ ...cluster, port: await freePort(), target: { kind: 'end of log', ...(along && { along }) } });
  }
}

type TimeTarget = Extract<RecoveryTarget, { readonly kind: 'time' }>;

/** The log ended before the time, and is all there was by then: nothing was committed in between. */
async function isReached(
  error: unknown,
  { source, target, repository }: { readonly source: WalSource; readonly target: TimeTarget } & Pick<RestoreClusterOptions, 'repository'>,
): Promise<boolean> {
  if (!isKirokuError(error, 'RestoreTargetOutOfRange') || error.details.end !== 'log') return false;
  if (source.live !== undefined) return true;
  return target.along === undefined && Date.parse((await readCoverage(repository))?.until ?? '') >= Date.parse(target.time);
}

async function sourceOf(
  installation: Installation,
  {
    repository,
    physical,
    target,
    isDrill,
  }: { readonly physical: PhysicalBackup } & Pick<RestoreClusterOptions, 'repository' | 'target' | 'isDrill'>,
): Promise<WalSource> {
  if (target.kind === 'end of backup') return { archived: async () => new Set(), read: (name) => repository.readWal(name) };
  const kept = { archived: async () => new Set(await archivedWal(repository)), read: (name: string) => repository.readWal(name) };
  if (isDrill) return kept;
  const isLeft = 'along' in target && target.along === 'backup';
  return { ...kept, live: await (isLeft ? asideWalOf(installation, physical) : liveWalOf(installation, physical.systemIdentifier)) };
}
