import type { ProcessChanges, ProcessInstance, ProcessLease, ProcessManager, RecordedEvent, StoredInstances } from '@kiroku/core';
import { atEvent } from '../follow-log/at-event.ts';
import { applyReaction } from './apply-reaction.ts';
import { hashOf } from './hash-of.ts';
import { InstanceChanges } from './instance-changes.ts';

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
  const inputs = inputsOf(processManager, events).filter(({ hash }) => hash % share.partitions === share.partition);
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

interface Input {
  readonly instance: string;
  readonly event: RecordedEvent;
  readonly hash: number;
}

const known = new WeakMap<readonly RecordedEvent[], Map<ProcessManager, readonly Input[]>>();

/** Told once for all partitions that are shown the same page. */
function inputsOf(processManager: ProcessManager, events: readonly RecordedEvent[]): readonly Input[] {
  const found = known.get(events)?.get(processManager);
  if (found !== undefined) return found;
  const types = new Set(processManager.eventTypes);
  const inputs = events
    .filter(({ type }) => types.has(type))
    .map((event) => processManager.upcast(event))
    .flatMap((event) => {
      const instance = atEvent(processManager.name, event, () => processManager.correlate(event));
      return instance === undefined ? [] : [{ instance, event, hash: hashOf(instance) }];
    });
  known.set(events, (known.get(events) ?? new Map<ProcessManager, readonly Input[]>()).set(processManager, inputs));
  return inputs;
}
