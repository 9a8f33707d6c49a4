import type { ProcessChanges, ProcessInstance, ProcessManager, ProcessPartition, RecordedEvent, StoredInstances } from '@kiroku/core';
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

/**
 * Turns a batch of events into the instances they concern and what these make of them, in the order of the log: instances of the partitions that are
 * held, of which each has seen the log up to where it is. Default: instances of every partition, and all of the events.
 */
export function reactBatch(
  processManager: ProcessManager,
  events: readonly RecordedEvent[],
  held?: readonly ProcessPartition[],
): BatchReaction {
  const all = inputsOf(processManager, events);
  const inputs = held === undefined ? all : all.filter(unseenBy(held));
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

function unseenBy(held: readonly ProcessPartition[]): (input: Input) => boolean {
  const seen = new Map(held.map(({ lease, after }) => [lease.partition, after]));
  const partitions = held[0]?.lease.partitions ?? 1;
  return ({ event, hash }) => event.position > (seen.get(hash % partitions) ?? Number.POSITIVE_INFINITY);
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
