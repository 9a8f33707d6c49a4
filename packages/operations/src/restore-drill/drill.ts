import type { BackupManifest, BackupRepository } from '@kiroku/backup';
import { isKirokuError, type JudgesKeyFiles, type KeyStore, KirokuError } from '@kiroku/core';
import { createPool } from '@kiroku/postgres';
import { auditedRun } from '../audit/audited-run.ts';
import { newBackupId } from '../backup-create/backup-id.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { missingKeys } from '../doctor/missing-keys.ts';
import { verifiable, verifyProjections } from '../projection-verify/verify-projections.ts';
import { planRestore, type RestorePlan } from '../restore/plan-restore.ts';
import { proveLog, restoredHead } from '../restore/prove-restored.ts';
import { restoreBeside } from '../restore/restore-beside.ts';
import type { RestoreProgress } from '../restore/restore-options.ts';
import { tellingNoRoom } from '../restore/telling-no-room.ts';
import { recordSafety } from '../safety-reports/record-safety.ts';
import { safetyStatus } from '../status/safety-status.ts';
import { lockRestore } from '../up/supervisor-lock.ts';
import { compareWithLive } from './compare-with-live.ts';
import type { DrilledProjection, DrillReport } from './drill-report.ts';
import { drilledKeys, removeLeftKeys } from './drilled-keys.ts';
import { isUntried, NothingKept } from './untried.ts';

export interface DrillOptions {
  readonly repository: BackupRepository;
  /** Opens a store of keys of personal data, which folds may read. */
  readonly keysIn: (directory: string) => KeyStore & Partial<JudgesKeyFiles>;
  readonly onProgress?: (progress: RestoreProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Restores the newest backup and the log that is kept after it to a scratch place, as if the machine were lost; proves the log and the read models
 * there, compares with what is in use, and removes it all. What is in use is only read. The report is kept in the repository and, if it can be
 * reached, in command_db. Throws `RestoreRefused` if another restore is under way, and `Stopping` when the signal fires; what is wrong otherwise is in the report.
 */
export async function drill(installation: Installation, options: DrillOptions): Promise<DrillReport> {
  const unlock = await tellingNoRoom(installation, () => lockRestore(installation.dataDirectory));
  try {
    const id = newBackupId(new Date());
    const report = await unlessUnreachable(installation, id, () => run(installation, id, options));
    await options.repository.writeReport('drills', id, report);
    return report;
  } finally {
    await unlock();
  }
}

/** A drill is for when the databases are lost, too: then it goes unrecorded there. */
async function unlessUnreachable(installation: Installation, id: string, work: () => Promise<DrillReport>): Promise<DrillReport> {
  let report: DrillReport | undefined;
  const once = async () => {
    report ??= await work();
    return report;
  };
  try {
    const done = await auditedRun(installation, {
      verb: 'restore drill',
      arguments: { id },
      run: once,
      failure: ({ succeeded, tried, faults }) =>
        succeeded ? undefined : `${tried ? 'It failed' : 'It could not be tried'}: ${faults.join(' ')}`,
      after: ({ succeeded, rtoSeconds, rpoSeconds }) => ({ succeeded, rtoSeconds: rtoSeconds ?? null, rpoSeconds: rpoSeconds ?? null }),
    });
    await recordSafety(installation, { kind: 'drill', id, succeeded: done.succeeded, report: jsonOf(done) });
    return done;
  } catch (error) {
    if (isKirokuError(error, 'Stopping')) throw error;
    const made = await once();
    const why = error instanceof Error ? error.message : String(error);
    return { ...made, faults: [...made.faults, `It could not be noted in command_db: ${why}`], succeeded: false };
  }
}

function jsonOf(report: DrillReport) {
  return JSON.parse(JSON.stringify(report)) as Record<string, string | number | boolean>; // it was made of nothing else
}

async function run(installation: Installation, id: string, options: DrillOptions): Promise<DrillReport> {
  const startedAt = new Date();
  const faults: string[] = [];
  const found: { -readonly [name in keyof DrillReport]?: DrillReport[name] } = {};
  let manifest: BackupManifest | undefined;
  let tried = true;
  try {
    await requireBackups(installation, options.repository);
    const plan = await planRestore(installation, options.repository, { kind: 'latest' });
    manifest = plan.manifest;
    found.backup = manifest.id;
    await tellingNoRoom(installation, () => restoreAndProve(installation, { plan, startedAt, options, found, faults }));
  } catch (error) {
    if (options.signal?.aborted) throw interrupted(); // it has proven nothing, either way
    faults.push(error instanceof Error ? error.message : String(error));
    tried = found.recoverySeconds !== undefined || !isUntried(error, installation, manifest?.method);
  }
  return { id, startedAt: startedAt.toISOString(), projections: [], ...found, faults, tried, succeeded: faults.length === 0 };
}

/** Backups that were made and are gone are what a drill is to find; where none was made there is nothing to try. */
async function requireBackups(installation: Installation, repository: BackupRepository): Promise<void> {
  const { backups, damaged } = await repository.list();
  if (backups.length > 0 || damaged.length > 0) return;
  const urls = await connectionUrls(installation, 'service').catch(() => undefined); // they may be lost: then it is not known
  const madeAt = urls && (await safetyStatus(urls))?.backupAt;
  if (madeAt === undefined) throw new NothingKept(repository.place);
  throw new KirokuError(
    'NotFound',
    `There is no backup in ${repository.place}, and the last was finished at ${madeAt}: what was kept is gone, or BACKUP_URL is another than that of who makes them.`,
  );
}

function interrupted(): KirokuError {
  return new KirokuError('Stopping', 'Interrupted; the drill says nothing about the backups, and what it restored was removed.');
}

interface Drilled {
  readonly plan: RestorePlan;
  readonly startedAt: Date;
  readonly options: DrillOptions;
  readonly found: { -readonly [name in keyof DrillReport]?: DrillReport[name] };
  readonly faults: string[];
}

async function restoreAndProve(installation: Installation, { plan, startedAt, options, found, faults }: Drilled): Promise<void> {
  const { repository, signal, onProgress = () => undefined } = options;
  const elapsed = () => (Date.now() - startedAt.getTime()) / 1_000;
  const stamp = `drill_${startedAt.toISOString().replace(/[-:]|\.\d+/g, '')}`;
  await removeLeftKeys(installation);
  onProgress({ kind: 'step', text: `Restoring backup ${plan.manifest.id} and the log after it to a scratch place` });
  const place = await restoreBeside(installation, plan, { repository, stamp, onProgress, isDrill: true, ...(signal && { signal }) });
  try {
    // after the log, which goes on and on: what it needs was kept before it
    await using keys = await drilledKeys(installation, { ...options, manifest: plan.manifest });
    faults.push(...keys.faults);
    const restored = { ...installation, databases: place.urls };
    found.recoverySeconds = elapsed();
    const head = await restoredHead(restored);
    found.position = head.position;
    onProgress({ kind: 'step', text: `Verifying the log up to position ${head.position}` });
    await proveLog(restored, { manifest: plan.manifest, ...(signal && { signal }) });
    if (keys.restored) faults.push(...(await faultsOfPersonalData(place.urls.event_store, { keys: keys.store, head: head.position })));
    onProgress({ kind: 'step', text: 'Verifying the read models' });
    found.projections = await proveProjections(restored, { keys: keys.store, ...(signal && { signal }) });
    found.rtoSeconds = elapsed();
    faults.push(
      ...found.projections.filter(({ wrong }) => wrong > 0).map(({ name, wrong }) => `${name} has ${wrong} rows that are wrong.`),
    );
    if (plan.live === undefined) return;
    const { isLeft, ...compared } = await compareWithLive(installation, head, startedAt);
    Object.assign(found, compared);
    if (isLeft) faults.push('What is kept is of a history that a restore has left since. Make a backup: `kiroku backup create`.');
    else if (!compared.sameAsLive) faults.push(`The log in use differs from what was restored, up to position ${head.position}.`);
  } finally {
    await place.discard();
  }
}

/** What is personal in the log that was restored can be read with the keys that were. */
async function faultsOfPersonalData(
  url: string,
  { keys, head }: { readonly keys: KeyStore; readonly head: number },
): Promise<readonly string[]> {
  await using pool = createPool({ url, applicationName: 'kiroku-drill', max: 1 });
  const { lost, subjects } = await missingKeys(pool, { keys, head });
  if (lost.length === 0) return [];
  return [
    `The keys of ${lost.length} of the ${subjects.length} subjects that were written about last are not kept: what is personal about them would be lost with the machine. Make a backup: \`kiroku backup create\`.`,
  ];
}

async function proveProjections(
  restored: Installation,
  { keys, signal }: { readonly keys: KeyStore; readonly signal?: AbortSignal },
): Promise<readonly DrilledProjection[]> {
  const projections = verifiable({ application: restored.config.application }, []);
  if (projections.length === 0) return [];
  const report = await verifyProjections(restored, keys, { wanted: { projections, maxLagSeconds: 0 }, ...(signal && { signal }) });
  return report.projections.map(({ name, rows, total }) => ({ name, rows, wrong: total }));
}
