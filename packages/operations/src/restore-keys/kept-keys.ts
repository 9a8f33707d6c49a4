import type { BackupRepository } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { faultsOfKeys, hasKeys, type KeysToRestore, keySources, keysToRestore } from '../backup-keys/kept-keys.ts';
import type { Installation } from '../config/installation.ts';

/** The keys of a backup and of what was kept since, or all that are kept: a key may have been lost before the newest backup. */
export async function keptKeys(
  { config }: Pick<Installation, 'config'>,
  repository: BackupRepository,
  backup: string | undefined,
): Promise<KeysToRestore> {
  if (repository.locked) {
    throw new KirokuError('BackupKeyWrong', `What is in ${repository.place} is encrypted, and there is no BACKUP_KEY. Set it.`);
  }
  const manifest = backup === undefined ? (await repository.list()).backups.findLast(hasKeys) : await repository.manifest(backup);
  if (manifest !== undefined && manifest.application !== config.name) {
    throw new KirokuError(
      'BackupForeign',
      `Backup ${manifest.id} is of ${manifest.application}, not of ${config.name}. Look at BACKUP_URL.`,
    );
  }
  if (backup !== undefined && manifest !== undefined) {
    if (!hasKeys(manifest)) throw none(`backup ${backup}`);
    return keysToRestore(repository, manifest);
  }
  const sources = await keySources(repository);
  if (sources.length === 0) throw none(repository.place);
  const faults = await faultsOfKeys(sources);
  const whole = sources.filter((source) => !faults.has(source));
  const [first] = faults.values();
  if (whole.length === 0 && first !== undefined) throw first;
  return {
    sources: whole,
    notices: [...faults].map(
      ([{ id }, fault]) => `Keys that were kept in ${id} cannot be read: ${fault.message} Who was forgotten then may be known again.`,
    ),
  };
}

function none(where: string): KirokuError {
  return new KirokuError(
    'NotFound',
    `There are no keys of personal data in ${where}: they are kept encrypted only, with a BACKUP_KEY. Put KIROKU_KEY_DIR back from where you keep it.`,
  );
}
