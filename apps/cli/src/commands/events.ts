import type { Command } from 'commander';
import { addEventsShow } from './events-show.ts';
import { addEventsTail } from './events-tail.ts';

export function addEvents(program: Command): void {
  const events = program.command('events').description('read the event log, straight from its database');
  addEventsTail(events);
  addEventsShow(events);
}
