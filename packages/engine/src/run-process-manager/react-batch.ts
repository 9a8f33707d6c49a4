import type { ProcessChanges, ProcessInstance, ProcessLease, ProcessManager, RecordedEvent, StoredInstances } from '@kiroku/core';
import { atEvent } from '../follow-log/at-event.ts';
import { applyReaction } from './apply-reaction.ts';
import { InstanceChanges } from './instance-changes.ts';
import { partitionOf } from './partition-of.ts';

export interface BatchReaction {
  /** The instances that the events may concern. */
  readonly instances: readonly string[];
  /** Pure; may be called again after a fault. */
  readonly react: (instances: StoredInstances) => ProcessChanges;
}

/** Turns a batch of events into the instances they concern and what these make of them, in the order of the log. Default: instances of every partition. */
export function reactBatch(
  processManager: ProcessManager,
  events: readonly RecordedEvent[],
  share: Pick<ProcessLease, 'partition' | 'partitions'> = { partition: 0, partitions: 1 },
): BatchReaction {
  const types = new Set(processManager.eventTypes);
  const inputs = events
    .filter(({ type }) => types.has(type))
    .map((event) => processManager.upcast(event))
    .flatMap((event) => {
      const instance = atEvent(processManager.name, event, () => processManager.correlate(event));
      return instance === undefined || partitionOf(instance, share.partitions) !== share.partition ? [] : [{ instance, event }];
    });
  return {
    instances: [...new Set(inputs.map(({ instance }) => instance))],
    react: (stored) => {
      const changes = new InstanceChanges(stored);
      for (const { instance: id, event } of inputs) {
        const before = changes.instance(id) ?? started(processManager, id, event);
        if (before === undefined) continue;
        const reacted = atEvent(processManager.name, event, () =>
          applyReaction(processManager, before, { cause: event, reaction: processManager.react(before.state, event) }),
        );
        changes.add({ instance: id, kind: 'event', what: event.type, reference: event.id }, reacted);
      }
      return changes.all();
    },
  };
}

function started(processManager: ProcessManager, id: string, event: RecordedEvent): ProcessInstance | undefined {
  return processManager.starts(event) ? { id, state: processManager.initialState, status: 'running' } : undefined;
}
