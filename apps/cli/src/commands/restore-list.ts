import type { BackupRepository } from '@kiroku/backup';
import { type Installation, listRestorable, restorableRange } from '@kiroku/operations';
import { print, printJson, printTable } from '../output/print.ts';

/** Says which backups there are to restore from, and how far one gets from each. */
export async function printRestorable(installation: Installation, repository: BackupRepository, json: boolean): Promise<void> {
  const restorable = await listRestorable(installation, repository);
  const range = restorableRange(restorable, new Date());
  if (json) {
    const backups = restorable.map(({ manifest, reach, isLeft }) => ({ id: manifest.id, from: manifest.finishedAt, ...reach, isLeft }));
    return printJson({ range: range ?? null, backups });
  }
  if (range === undefined) return print('There is no backup to restore from. `kiroku backup create` makes one.');
  print(`From ${range.earliest} to ${range.latest}.`);
  printTable(
    ['backup', 'method', 'from', 'until', 'position', 'history', 'missing'],
    restorable.map(({ manifest, reach, isLeft }) => [
      manifest.id,
      manifest.method,
      manifest.finishedAt,
      reach.until,
      String(manifest.head.position),
      isLeft ? 'left since' : 'present',
      reach.gap ?? '',
    ]),
  );
}
