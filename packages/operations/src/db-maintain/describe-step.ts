import type { DatabaseMaintenanceStep } from './maintain-databases.ts';

/** One line for people: what a step is about. */
export function describeStep(step: DatabaseMaintenanceStep): string {
  switch (step.kind) {
    case 'createEventPartition':
      return `create a partition for the events ${step.firstPosition} to ${step.lastPosition}`;
    case 'createIdempotencyPartition':
      return `create a partition for command ids from ${day(step.from)} until ${day(step.until)}`;
    case 'dropIdempotencyPartition':
      return `forget the command ids from ${day(step.from)} until ${day(step.until)}`;
    case 'pruneCommandAudit':
      return `remove commands that left no event, until ${day(step.until)}, from the audit`;
  }
}

function day(timestamp: string): string {
  return timestamp.slice(0, 10);
}
