import type { Command } from 'commander';
import { addConsumerAdd } from './consumer-add.ts';
import { addConsumerDead } from './consumer-dead.ts';
import { addConsumerList } from './consumer-list.ts';
import { addConsumerPause, addConsumerResume } from './consumer-pause.ts';
import { addConsumerRemove } from './consumer-remove.ts';
import { addConsumerRewind } from './consumer-rewind.ts';
import { addConsumerRotateSecret } from './consumer-rotate-secret.ts';
import { addConsumerShow } from './consumer-show.ts';

export function addConsumer(program: Command): void {
  const consumer = program.command('consumer');
  for (const add of [
    addConsumerList,
    addConsumerShow,
    addConsumerAdd,
    addConsumerPause,
    addConsumerResume,
    addConsumerRewind,
    addConsumerRotateSecret,
    addConsumerRemove,
    addConsumerDead,
  ])
    add(consumer);
}
