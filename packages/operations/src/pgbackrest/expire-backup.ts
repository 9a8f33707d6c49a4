import { stat } from 'node:fs/promises';
import type { BackupManifest } from '@kiroku/backup';
import { PgBackRest } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { pgBackRestConfig } from './servers.ts';

/**
 * Has pgBackRest remove what a manifest of ours names, and the log that only that needs. What it does not have any more is gone already. Throws
 * `ToolMissing`, `ToolFailed`.
 */
export async function expireInPgBackRest(installation: Pick<Installation, 'backup'>, { pgbackrest = [] }: BackupManifest): Promise<void> {
  for (const { stanza, label } of pgbackrest) {
    const backrest = await pgBackRestOf(installation, stanza);
    if ((await backrest.info()).backups.some((backup) => backup.label === label)) await backrest.expire(label);
  }
}

/** What pgBackRest finds wrong with the backups that a manifest of ours names, in its words; nothing: it has them, and they are whole. */
export async function faultsInPgBackRest(
  installation: Pick<Installation, 'backup'>,
  { pgbackrest = [] }: BackupManifest,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { stanza, label } of pgbackrest) {
    const backrest = await pgBackRestOf(installation, stanza);
    const kept = (await backrest.info()).backups.find((backup) => backup.label === label);
    if (kept === undefined) faults.push(`pgBackRest has no backup ${label} of ${stanza}: it was expired or removed.`);
    else if (kept.damaged) faults.push(`pgBackRest found pages with wrong checksums when it made backup ${label} of ${stanza}.`);
    else faults.push(...(await backrest.verify()).split('\n').filter((line) => /invalid|missing|error/i.test(line) && !/: 0\b/.test(line)));
  }
  return faults;
}

/** As the account that its configuration belongs to: the server's. */
async function pgBackRestOf(installation: Pick<Installation, 'backup'>, stanza: string): Promise<PgBackRest> {
  const config = pgBackRestConfig(installation);
  const { uid, gid } = await stat(config).catch(() => ({ uid: 0, gid: 0 })); // it says itself that there is none
  const isRoot = process.getuid?.() === 0;
  return new PgBackRest({ config, stanza, account: isRoot && uid !== 0 ? { name: String(uid), uid, gid } : undefined });
}
