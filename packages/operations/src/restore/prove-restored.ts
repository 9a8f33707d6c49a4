import type { BackupManifest } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { createPool, type LogRestore, raiseTimeline, readChainHead } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { type VerifyOptions, verifyEvents } from '../events-verify/verify-events.ts';
import type { VerifyReport } from '../events-verify/verify-job.ts';
import type { LiveLog } from './live-log.ts';

export interface RaiseOptions {
  readonly manifest: BackupManifest;
  /** Of all backups: timelines that the live log may not know of any more. */
  readonly timelines: readonly number[];
  readonly live: LiveLog | undefined;
}

/** Begins a timeline of the log at the end of what was restored. */
export async function beginTimeline(restored: Installation, { manifest, timelines, live }: RaiseOptions): Promise<LogRestore> {
  return withEventStore(restored, (pool) =>
    raiseTimeline(pool, {
      backup: manifest.id,
      by: restored.operator.name,
      above: Math.max(0, ...timelines, live?.history.log.timeline ?? 0),
      known: live?.history.forks ?? [],
    }),
  );
}

/** Where the restored log ends. */
export function restoredHead(restored: Installation) {
  return withEventStore(restored, readChainHead);
}

/**
 * Recomputes the restored log, and compares it with the head that the backup had. Throws `BackupDamaged` if it is not whole, or not that log: the
 * findings are in `details`.
 */
export async function proveLog(
  restored: Installation,
  { manifest, ...options }: { readonly manifest: BackupManifest } & Pick<VerifyOptions, 'onProgress' | 'signal'>,
): Promise<VerifyReport> {
  const { log, timeline, position, hash } = manifest.head;
  const against = [{ log, timeline, position, hash }];
  const report = await verifyEvents(restored, { deep: true, against }, { ...options, asJob: false });
  if (report.total === 0) return report;
  const [first] = report.findings;
  throw new KirokuError(
    'BackupDamaged',
    `What was restored is not whole (${report.total} findings; the first: ${first?.kind} at position ${first?.position}, ${first?.detail}), so it is not used. Restore from another backup.`,
    { details: { findings: report.findings } },
  );
}

async function withEventStore<T>(restored: Installation, work: (pool: ReturnType<typeof createPool>) => Promise<T>): Promise<T> {
  if (restored.databases === undefined) throw new Error('What was restored has URLs.');
  await using pool = createPool({ url: restored.databases.event_store, applicationName: 'kiroku-restore', max: 1 });
  return await work(pool);
}
