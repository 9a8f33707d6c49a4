import { isKirokuError, KirokuError } from '@kiroku/core';
import { createPool, findCommit, type LogCommit, readChainHead } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { chooseBackup } from './choose-backup.ts';
import { listRestorable, type RestorePlan } from './plan-restore.ts';
import { type BesideOptions, restoreBeside } from './restore-beside.ts';

/**
 * Where a position is that the log in use cannot tell of: what is kept is restored beside as far as the plan says, asked, and removed. Returns the
 * plan that ends there. Throws `RestoreTargetOutOfRange` with what is possible, and what a restore throws.
 */
export async function findTarget(installation: Installation, plan: RestorePlan, options: BesideOptions): Promise<RestorePlan> {
  const { wanted, manifest } = plan;
  if (wanted.kind !== 'position' || !plan.searches) return plan;
  options.onProgress({
    kind: 'step',
    text: `The log in use cannot be read: looking for position ${wanted.position} in what is kept, from backup ${manifest.id} on`,
  });
  const commit = await commitInKept(installation, plan, { ...options, position: wanted.position });
  const restorable = await listRestorable(installation, options.repository);
  const choice = chooseBackup(wanted, { restorable, commit, now: new Date() });
  const bytes = choice.manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
  return { ...plan, ...choice, bytes, searches: false };
}

async function commitInKept(
  installation: Installation,
  plan: RestorePlan,
  { position, ...options }: BesideOptions & { readonly position: number },
): Promise<LogCommit> {
  const place = await restoreBeside(installation, plan, options);
  const pool = createPool({ url: place.urls.event_store, applicationName: 'kiroku-restore', max: 1 });
  try {
    const commit = await findCommit(pool, position).catch((error: unknown) => {
      throw isKirokuError(error, 'SchemaTooOld') ? lostInKept(position, plan) : error;
    });
    if (commit === undefined) throw notKept(position, await readChainHead(pool), plan);
    return commit;
  } finally {
    await pool.end();
    await place.discard();
  }
}

/** They were dropped before the end of what is kept, and nobody watched. */
function lostInKept(position: number, { range }: RestorePlan): KirokuError {
  return new KirokuError(
    'RestoreTargetOutOfRange',
    `Position ${position} cannot be looked for: the tables of the log are gone at the end of what is kept. Restore to a time before they went, with \`--at\`: from ${range.earliest} to ${range.latest}.`,
    { details: { ...range } },
  );
}

function notKept(
  position: number,
  end: { readonly position: number; readonly recordedAt?: string | undefined },
  { range }: RestorePlan,
): KirokuError {
  const when = end.recordedAt === undefined ? '' : `, recorded at ${end.recordedAt}`;
  return new KirokuError(
    'RestoreTargetOutOfRange',
    `Position ${position} cannot be restored: the log that is kept ends at position ${end.position}${when}. Restore to that, or with \`--latest\`.`,
    { details: { earliest: range.earliest, latest: end.recordedAt ?? range.latest, position: end.position } },
  );
}
