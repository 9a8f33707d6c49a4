import {
  type DueTimer,
  type FiredTimer,
  jsonFault,
  KirokuError,
  type ProcessChanges,
  type ProcessInstance,
  type ProcessManager,
  type StoredInstances,
} from '@kiroku/core';
import { applyReaction, type Reacted } from './apply-reaction.ts';
import { InstanceChanges } from './instance-changes.ts';
import type { Cause } from './outgoing-commands.ts';

const againInMs = 60_000;

/**
 * What instances make of their timers, as if one had fired after the other: one that an earlier has cancelled or set anew does not fire. A reaction
 * that throws, or cannot be stored, fails its instance, for people to see, and no other; the timer fires again later.
 */
export function reactToTimers(processManager: ProcessManager, timers: readonly DueTimer[], stored: StoredInstances): ProcessChanges {
  const changes = new InstanceChanges(stored);
  const outdated = new Set<string>();
  for (const { id, instance, name, dueAt, at, metadata } of timers) {
    const before = changes.instance(instance);
    if (before === undefined || before.status === 'done' || outdated.has(addressOf({ instance, name }))) continue;
    const reacted = reactionTo(processManager, before, { name, dueAt, at, cause: { id, metadata } });
    changes.add({ instance, kind: 'timer', what: name, reference: id }, reacted);
    for (const timer of reacted.timers) outdated.add(addressOf(timer));
  }
  return changes.all();
}

function addressOf({ instance, name }: Pick<DueTimer, 'instance' | 'name'>): string {
  return JSON.stringify([instance, name]);
}

function reactionTo(
  processManager: ProcessManager,
  before: ProcessInstance,
  { cause, ...timer }: FiredTimer & { readonly cause: Cause },
): Reacted {
  const { state } = before;
  try {
    const reacted = applyReaction(processManager, before, { cause, reaction: processManager.fired(state, timer) });
    const fault = faultOf(reacted);
    if (fault === undefined) return reacted;
    throw new KirokuError('DefinitionInvalid', `what it leads to cannot be stored: ${fault}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const { name } = timer;
    const failed = storable(`Its timer "${name}" could not be handled: ${why}`);
    return applyReaction(processManager, before, { cause, reaction: { state, failed, timers: [{ name, dueInMs: againInMs }] } });
  }
}

function faultOf({ instance, commands, timers }: Reacted): string | undefined {
  const never = timers.find((timer) => 'due' in timer && 'at' in timer.due && Number.isNaN(Date.parse(timer.due.at)));
  if (never !== undefined) return `the timer "${never.name}" is due at no moment`;
  return jsonFault({ instance, commands: commands.map(({ type, data }) => ({ type, data })), timers });
}

function storable(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\u{FFFD}');
}
