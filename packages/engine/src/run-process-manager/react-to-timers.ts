import type {
  DueTimer,
  FiredTimer,
  JsonObject,
  ProcessChanges,
  ProcessInstance,
  ProcessManager,
  Reaction,
  StoredInstances,
} from '@kiroku/core';
import { applyReaction } from './apply-reaction.ts';
import { InstanceChanges } from './instance-changes.ts';

const againInMs = 60_000;

/**
 * What instances make of their timers, as if one had fired after the other: one that an earlier has cancelled or set anew does not fire. A reaction
 * that throws fails its instance, for people to see, and no other; the timer fires again later.
 */
export function reactToTimers(processManager: ProcessManager, timers: readonly DueTimer[], stored: StoredInstances): ProcessChanges {
  const changes = new InstanceChanges(stored);
  const outdated = new Set<string>();
  for (const { id, instance, name, dueAt, at, metadata } of timers) {
    const before = changes.instance(instance);
    if (before === undefined || before.status === 'done' || outdated.has(addressOf({ instance, name }))) continue;
    const reaction = reactionTo(processManager, before, { name, dueAt, at });
    const reacted = applyReaction(processManager, before, { cause: { id, metadata }, reaction });
    changes.add({ instance, kind: 'timer', what: name, reference: id }, reacted);
    for (const timer of reacted.timers) outdated.add(addressOf(timer));
  }
  return changes.all();
}

function addressOf({ instance, name }: Pick<DueTimer, 'instance' | 'name'>): string {
  return JSON.stringify([instance, name]);
}

function reactionTo(processManager: ProcessManager, { state }: ProcessInstance, timer: FiredTimer): Reaction<JsonObject> {
  try {
    return processManager.fired(state, timer);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const { name } = timer;
    return { state, failed: `Its timer "${name}" could not be handled: ${why}`, timers: [{ name, dueInMs: againInMs }] };
  }
}
