import { KirokuError } from '@kiroku/core';
import { auditedRun } from '../audit/audited-run.ts';
import { type KeysToRestore, keysToRestore } from '../backup-keys/kept-keys.ts';
import { judgesOf } from '../backup-keys/key-content.ts';
import { noticesOfKeys } from '../backup-keys/notices-of-keys.ts';
import { putKeysBack } from '../backup-keys/put-keys-back.ts';
import type { Installation } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import { lockRestore } from '../up/supervisor-lock.ts';
import { findTarget } from './find-target.ts';
import { readLiveLog } from './live-log.ts';
import { type LogState, partingOf } from './parting.ts';
import type { RestorePlan } from './plan-restore.ts';
import { beginTimeline, proveLog, restoredHead } from './prove-restored.ts';
import { repairRestored } from './repair-restored.ts';
import { restoreBeside } from './restore-beside.ts';
import type { RestoreOptions } from './restore-options.ts';
import type { RestoreReport, RestoreSummary } from './restore-report.ts';
import { describeWanted } from './restore-wanted.ts';
import type { RestoredPlace } from './restored-place.ts';
import { tellingNoRoom } from './telling-no-room.ts';

/**
 * Restores beside what is in use, proves what was restored, repairs what refers to what is lost, and then switches. Until the switch, what is in use
 * stays as it is; a restore that fails, or is not agreed to, removes what it made. Throws `RestoreRefused` if it is not agreed to, if another is under
 * way, or if the disk becomes full.
 */
export async function restore(installation: Installation, plan: RestorePlan, options: RestoreOptions): Promise<RestoreReport> {
  return tellingNoRoom(installation, async () => {
    const unlock = await lockRestore(installation.dataDirectory);
    try {
      return await restoreAndSwitch(installation, plan, options);
    } finally {
      await unlock();
    }
  });
}

async function restoreAndSwitch(installation: Installation, planned: RestorePlan, options: RestoreOptions): Promise<RestoreReport> {
  const startedAt = new Date();
  const { repository, agree, onProgress = () => undefined } = options;
  const step = (text: string) => onProgress({ kind: 'step', text });
  const stamp = startedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  const beside = { ...options, stamp, onProgress };
  const found = await keysToRestore(repository, planned.manifest); // before all that takes long
  const plan = await findTarget(installation, planned, beside);
  const keys = plan.manifest.id === planned.manifest.id ? found : await keysToRestore(repository, plan.manifest);
  step(`Restoring ${describeWanted(plan.wanted)} from backup ${plan.manifest.id}, beside what is in use`);
  const place = await restoreBeside(installation, plan, beside);
  try {
    const restored = { ...installation, databases: place.urls };
    const proven = await prove(restored, { place, plan, keys, options, step });
    const restoredLog = await readLiveLog(restored, { kind: 'latest' });
    const lost = () => eventsLost(installation, restoredLog);
    if (!(await agree({ ...proven, eventsLost: await lost() }))) throw notAgreed();
    if (options.signal?.aborted) throw new KirokuError('Stopping', 'Interrupted; nothing in use was changed.');
    step('Switching to what was restored');
    const summary = { ...proven, eventsLost: await lost() };
    const { aside, todo } = await place.switch();
    const report = { ...summary, aside, todo, seconds: (Date.now() - startedAt.getTime()) / 1_000 };
    await repository.writeReport('restores', `${stamp}-${plan.manifest.id}`, report).catch(() => undefined); // it is done all the same
    return report;
  } catch (error) {
    await place.discard();
    throw error;
  }
}

interface ProveOptions {
  readonly place: RestoredPlace;
  readonly plan: RestorePlan;
  readonly keys: KeysToRestore;
  readonly options: RestoreOptions;
  readonly step: (text: string) => void;
}

/** Everything that is done to what was restored is noted in its audit log: that of before does not come along. */
async function prove(
  restored: Installation,
  { place, plan, keys, options, step }: ProveOptions,
): Promise<Omit<RestoreSummary, 'eventsLost'>> {
  const { manifest } = plan;
  const { signal, onProgress = () => undefined } = options;
  return auditedRun(restored, {
    verb: 'restore',
    arguments: { backup: manifest.id, until: describeWanted(plan.wanted) },
    run: async () => {
      const { position, recordedAt } = await restoredHead(restored);
      requireReached(plan, position);
      step(`Verifying the log up to position ${position}`);
      await proveLog(restored, {
        manifest,
        ...(signal && { signal }),
        onProgress: ({ progress }) => progress && onProgress({ kind: 'progress', ...progress }),
      });
      const timeline = await beginTimeline(restored, plan);
      const back = await putKeysBack(keys.sources, { directory: keyDirectory(restored), judges: judgesOf(options.keys) });
      step('Repairing what refers to what is lost');
      const findings = await repairRestored(restored, { keys: options.keys, signal: options.signal });
      return {
        backup: manifest.id,
        until: describeWanted(plan.wanted),
        position,
        ...(recordedAt !== undefined && { recordedAt }),
        timeline: timeline.timeline,
        keysAdded: back.added.length + back.beside.length + back.replaced.length,
        findings,
        notices: [...plan.notices, ...keys.notices, ...noticesOfKeys(back)],
        switching: place.switching,
      };
    },
    after: ({ position, timeline }) => ({ position, timeline }),
  });
}

/** As of now: what is in use is appended to all the while. */
async function eventsLost(installation: Installation, restored: LogState | undefined): Promise<number | undefined> {
  const live = await readLiveLog(installation, { kind: 'latest' });
  return live && restored && live.position - partingOf(live, restored);
}

/** A commit is restored whole. */
function requireReached({ wanted, manifest }: RestorePlan, position: number): void {
  const least = wanted.kind === 'position' ? wanted.position : manifest.head.position;
  if (position >= least) return;
  throw new KirokuError(
    'RestoreRefused',
    `What was restored ends at position ${position}, and should reach ${least}. It is not used; restore from another backup.`,
  );
}

function notAgreed(): KirokuError {
  return new KirokuError('RestoreRefused', 'What is in use was not changed, and what was restored beside it is removed.');
}
