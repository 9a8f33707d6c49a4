import type { Command } from 'commander';
import { addEventsExport } from './events-export.ts';
import { addEventsHead } from './events-head.ts';
import { addEventsImport } from './events-import.ts';
import { addEventsSchemas } from './events-schemas.ts';
import { addEventsShow } from './events-show.ts';
import { addEventsState } from './events-state.ts';
import { addEventsStats } from './events-stats.ts';
import { addEventsTail } from './events-tail.ts';
import { addEventsVerify } from './events-verify.ts';

export function addEvents(program: Command): void {
  const events = program.command('events');
  for (const add of [
    addEventsTail,
    addEventsShow,
    addEventsState,
    addEventsStats,
    addEventsVerify,
    addEventsHead,
    addEventsExport,
    addEventsImport,
    addEventsSchemas,
  ])
    add(events);
}
