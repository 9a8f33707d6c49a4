import type { BackupRepository } from '@kiroku/backup';
import { isKirokuError, KirokuError } from '@kiroku/core';
import { auditedRun } from '../audit/audited-run.ts';
import { keptKeyIds } from '../backup-keys/kept-keys.ts';
import { deleteVerification, readVerifications } from '../backup-verify/verification.ts';
import type { Installation } from '../config/installation.ts';
import { expireInPgBackRest } from '../pgbackrest/expire-backup.ts';
import { listRestorable } from '../restore/plan-restore.ts';
import { archivedWal } from '../restore-embedded/known-wal.ts';
import { type PrunePlan, planPrune } from './plan-prune.ts';

const dayMs = 86_400_000;

export interface PruneOptions {
  /** What was agreed to: nothing else is removed, and nothing of it that is not due any more. Default: what is due by the settings. */
  readonly plan?: PrunePlan;
  /** Whether the audit log notes it. Default true; then nothing is removed if it cannot be written. */
  readonly audited?: boolean;
}

/** What would be removed. Changes nothing. */
export async function planBackupPrune(
  installation: Installation,
  repository: BackupRepository,
  { keepDays = installation.backup.keepDays }: { readonly keepDays?: number | undefined } = {},
): Promise<PrunePlan> {
  const [listing, verifications, archived] = [await repository.list(), await readVerifications(repository), await archivedWal(repository)];
  const restorable = await listRestorable(installation, repository, listing.backups);
  const left = new Set(restorable.filter(({ isLeft }) => isLeft).map(({ manifest }) => manifest.id));
  return planPrune({ listing, left, verifications, archived, keptKeys: await keptKeyIds(repository), keepDays, now: new Date() });
}

/**
 * Removes backups that have had their time, and the write-ahead log that nobody needs any more; never the last good backup of a log. Answers what was
 * removed. Throws `DatabaseUnavailable` if the audit log cannot be written.
 */
export async function pruneBackups(
  installation: Installation,
  repository: BackupRepository,
  options: PruneOptions = {},
): Promise<PrunePlan> {
  const due = await planBackupPrune(installation, repository, { keepDays: options.plan?.keepDays });
  const plan = options.plan === undefined ? due : bothOf(due, options.plan);
  const run = () => remove(installation, repository, plan);
  if (options.audited === false) await run();
  else if (plan.backups.length + plan.wal.length + plan.keys.length > 0) await audited(installation, repository, { plan, run });
  return plan;
}

function bothOf(due: PrunePlan, agreed: PrunePlan): PrunePlan {
  const [backups, wal, keys] = [new Set(agreed.backups.map(({ id }) => id)), new Set(agreed.wal), new Set(agreed.keys)];
  return {
    ...due,
    backups: due.backups.filter(({ id }) => backups.has(id)),
    wal: due.wal.filter((name) => wal.has(name)),
    keys: due.keys.filter((id) => keys.has(id)),
  };
}

async function remove(installation: Installation, repository: BackupRepository, { backups, wal, keys }: PrunePlan): Promise<void> {
  const manifests = new Map((await repository.list()).backups.map((manifest) => [manifest.id, manifest]));
  // the youngest first: others stand on older ones
  for (const { id } of backups.toSorted((a, b) => (a.id < b.id ? 1 : -1))) {
    const manifest = manifests.get(id);
    if (manifest !== undefined) await expireInPgBackRest(installation, manifest);
    await repository.delete(id);
    await deleteVerification(repository, id);
  }
  for (const name of wal) await repository.deleteWal(name);
  for (const id of keys) await repository.deleteKeys(id);
  await repository.removeLeftovers(new Date(Date.now() - dayMs));
}

async function audited(
  installation: Installation,
  { place }: BackupRepository,
  { plan, run }: { readonly plan: PrunePlan; readonly run: () => Promise<void> },
): Promise<void> {
  let begun = false;
  const { keepDays, backups, wal, keys } = plan;
  const action = {
    verb: 'backup prune',
    arguments: { place, keepDays, backups: backups.map(({ id }) => id), wal: wal.length, keys: keys.length },
    run: () => {
      begun = true;
      return run();
    },
  };
  await auditedRun(installation, action).catch((error: unknown) => {
    if (begun || !isKirokuError(error)) throw error;
    throw new KirokuError(error.code, `${error.message} To prune without a record of it: \`--no-audit\`.`, { cause: error });
  });
}
