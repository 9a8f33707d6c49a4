import type { Command } from 'commander';
import { addSagaControl } from './saga-control.ts';
import { addSagaDiagram } from './saga-diagram.ts';
import { addSagaList } from './saga-list.ts';
import { addSagaShow } from './saga-show.ts';
import { addSagaStats } from './saga-stats.ts';

export function addSaga(program: Command): void {
  const saga = program.command('saga');
  addSagaList(saga);
  addSagaShow(saga);
  addSagaStats(saga);
  addSagaDiagram(saga);
  addSagaControl(saga, 'retry', 'deliver parked commands again, and undo again what could not be undone');
  addSagaControl(saga, 'compensate', 'give a running saga up: what was done is undone in reverse');
  addSagaControl(saga, 'close', 'end a saga as it is, because people have settled it; --reason says how');
}
