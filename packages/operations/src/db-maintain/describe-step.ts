import type { MaintenanceStep } from '@kiroku/postgres';

/** One line for people: what a step is about. */
export function describeStep(step: MaintenanceStep): string {
  switch (step.kind) {
    case 'createEventPartition':
      return `create a partition for the events ${step.firstPosition} to ${step.lastPosition}`;
    case 'createIdempotencyPartition':
      return `create a partition for command ids from ${day(step.from)} until ${day(step.until)}`;
    case 'dropIdempotencyPartition':
      return `forget the command ids from ${day(step.from)} until ${day(step.until)}`;
  }
}

function day(timestamp: string): string {
  return timestamp.slice(0, 10);
}
