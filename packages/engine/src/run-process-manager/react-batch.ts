import type { OutgoingCommand, ProcessChanges, ProcessInstance, ProcessManager, ProcessStep, RecordedEvent } from '@kiroku/core';
import { atEvent } from '../follow-log/at-event.ts';
import { applyReaction } from './apply-reaction.ts';

export interface BatchReaction {
  /** The instances that the events may concern. */
  readonly instances: readonly string[];
  /** Pure; may be called again after a fault. */
  readonly react: (instances: ReadonlyMap<string, ProcessInstance>) => ProcessChanges;
}

/** Turns a batch of events into the instances they concern and what these make of them, in the order of the log. */
export function reactBatch(processManager: ProcessManager, events: readonly RecordedEvent[]): BatchReaction {
  const types = new Set(processManager.eventTypes);
  const inputs = events
    .filter(({ type }) => types.has(type))
    .map((event) => processManager.upcast(event))
    .flatMap((event) => {
      const instance = atEvent(processManager.name, event, () => processManager.correlate(event));
      return instance === undefined ? [] : [{ instance, event }];
    });
  return {
    instances: [...new Set(inputs.map(({ instance }) => instance))],
    react: (stored) => {
      const changed = new Map<string, ProcessInstance>();
      const commands: OutgoingCommand[] = [];
      const history: ProcessStep[] = [];
      for (const { instance: id, event } of inputs) {
        const before = changed.get(id) ?? stored.get(id) ?? started(processManager, id, event);
        if (before === undefined) continue;
        const reacted = atEvent(processManager.name, event, () =>
          applyReaction(processManager, before, { cause: event, reaction: processManager.react(before.state, event) }),
        );
        changed.set(id, reacted.instance);
        commands.push(...reacted.commands);
        history.push({ instance: id, kind: 'event', what: event.type, reference: event.id }, ...reacted.history);
      }
      return { instances: [...changed.values()], commands, history };
    },
  };
}

function started(processManager: ProcessManager, id: string, event: RecordedEvent): ProcessInstance | undefined {
  return processManager.starts(event) ? { id, state: processManager.initialState, status: 'running' } : undefined;
}
