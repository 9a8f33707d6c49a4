// Takes one backup of the installation that its parent describes, and says how long that took: a process of its own, as `kiroku backup create` is.
import { openRepository } from '@kiroku/backup';
import { createBackup, giveWay, type Installation } from '@kiroku/operations';

process.once('message', (wanted) => void backUp(wanted as BackupWanted)); // what backup.ts sends

export interface BackupWanted {
  readonly installation: Installation;
  /** Of what is read. Default: as quick as it goes. */
  readonly maxBytesPerSecond?: number;
}

async function backUp({ installation, ...pace }: BackupWanted): Promise<void> {
  const repository = await openRepository(installation.backup.repository);
  await giveWay();
  const started = performance.now();
  const manifest = await createBackup(installation, { repository, ...pace });
  const storedBytes = manifest.parts.reduce((sum, part) => sum + part.storedBytes, 0);
  process.send?.({ id: manifest.id, seconds: (performance.now() - started) / 1_000, storedBytes });
  process.disconnect();
}
