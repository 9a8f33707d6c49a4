import type { Command } from 'commander';
import { addBackupContinuous } from './backup-continuous.ts';
import { addBackupCreate } from './backup-create.ts';

export function addBackup(program: Command): void {
  const backup = program.command('backup').description('keep what is needed to put the databases back');
  for (const add of [addBackupCreate, addBackupContinuous]) add(backup);
}
