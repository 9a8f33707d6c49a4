// A process that restores a backup to its own end, and tells each step, to be killed at one.
import { openRepository } from '@kiroku/backup';
import { planRestore, restore } from '@kiroku/operations';
import { InMemoryKeyStore } from '@kiroku/testing';

const { installation, backup } = JSON.parse(process.env.RESTORE);
const repository = await openRepository(installation.backup.repository);
const plan = await planRestore(installation, repository, { kind: 'backup', id: backup });
await restore(installation, plan, {
  repository,
  keys: new InMemoryKeyStore(),
  agree: async () => true,
  onProgress: ({ kind, text }) => kind === 'step' && process.send(text),
});
