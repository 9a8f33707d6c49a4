import { openRepository } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { createPool, sampleWal } from '@kiroku/postgres';
import { auditedRun } from '../audit/audited-run.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { askSupervisor } from '../up/control-channel.ts';
import { runningSupervisor } from '../up/supervisor-lock.ts';
import { continuousSince, setContinuous } from './continuous-state.ts';
import { requireOwnArchive } from './require-own-archive.ts';

export interface ContinuousSwitch {
  /** Whether it was so before. */
  readonly unchanged: boolean;
  /** Whether the running server knows; otherwise from its next start on. */
  readonly now: boolean;
}

/**
 * Begins to keep the write-ahead log of the embedded server. Before a backup is made after it, nothing can be restored with it. Throws
 * `BackupForeign` if another server's is kept there, `BackupStoreUnavailable`, `BackupKeyWrong`.
 */
export async function enableContinuous(installation: Installation): Promise<ContinuousSwitch> {
  requireEmbedded(installation);
  const repository = await openRepository(installation.backup.repository);
  await requireOwnArchive(repository, await systemIdentifier(installation));
  return change(installation, { verb: 'backup continuous enable', since: new Date().toISOString() });
}

/** No longer keeps it; what is kept stays, and reaches to here. */
export function disableContinuous(installation: Installation): Promise<ContinuousSwitch> {
  requireEmbedded(installation);
  return change(installation, { verb: 'backup continuous disable', since: undefined });
}

async function change(
  installation: Installation,
  { verb, since }: { readonly verb: string; readonly since: string | undefined },
): Promise<ContinuousSwitch> {
  const { dataDirectory } = installation;
  const before = await continuousSince(dataDirectory);
  if ((before === undefined) === (since === undefined)) return { unchanged: true, now: true };
  return auditedRun(installation, {
    verb,
    run: async () => {
      await setContinuous(dataDirectory, since);
      return { unchanged: false, now: await tellSupervisor(dataDirectory) };
    },
  });
}

async function tellSupervisor(dataDirectory: string): Promise<boolean> {
  const supervisor = await runningSupervisor(dataDirectory);
  if (supervisor?.control === undefined) return false;
  await askSupervisor(supervisor.control, { verb: 'archive' });
  return true;
}

async function systemIdentifier(installation: Installation): Promise<string> {
  const { event_store: url } = await connectionUrls(installation, 'superuser');
  await using pool = createPool({ url, applicationName: 'kiroku-backup', max: 1 });
  return (await sampleWal(pool)).systemIdentifier;
}

function requireEmbedded({ databases }: Installation): void {
  if (databases === undefined) return;
  throw new KirokuError(
    'ConfigurationInvalid',
    'The databases are on a server of their own (DATABASE_URL): its log is kept by pgBackRest.',
  );
}
