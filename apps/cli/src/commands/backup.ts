import type { Command } from 'commander';
import { addBackupContinuous } from './backup-continuous.ts';
import { addBackupCreate } from './backup-create.ts';
import { addBackupKeys } from './backup-keys.ts';
import { addBackupList } from './backup-list.ts';
import { addBackupPrune } from './backup-prune.ts';
import { addBackupSchedule } from './backup-schedule.ts';
import { addBackupShow } from './backup-show.ts';
import { addBackupVerify } from './backup-verify.ts';

export function addBackup(program: Command): void {
  const backup = program.command('backup');
  for (const add of [
    addBackupCreate,
    addBackupList,
    addBackupShow,
    addBackupVerify,
    addBackupPrune,
    addBackupSchedule,
    addBackupKeys,
    addBackupContinuous,
  ])
    add(backup);
}
