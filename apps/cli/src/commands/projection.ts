import type { Command } from 'commander';
import { addProjectionList } from './projection-list.ts';
import { addProjectionParked } from './projection-parked.ts';
import { addProjectionPause, addProjectionResume } from './projection-pause.ts';
import { addProjectionRebuild } from './projection-rebuild.ts';
import { addProjectionRetire } from './projection-retire.ts';
import { addProjectionRollback } from './projection-rollback.ts';
import { addProjectionShow } from './projection-show.ts';
import { addProjectionSwitch } from './projection-switch.ts';
import { addProjectionVerify } from './projection-verify.ts';

export function addProjection(program: Command): void {
  const projection = program.command('projection');
  for (const add of [
    addProjectionList,
    addProjectionShow,
    addProjectionRebuild,
    addProjectionVerify,
    addProjectionSwitch,
    addProjectionRollback,
    addProjectionRetire,
    addProjectionPause,
    addProjectionResume,
    addProjectionParked,
  ])
    add(projection);
}
