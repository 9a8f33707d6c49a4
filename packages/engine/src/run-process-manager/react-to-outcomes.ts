import type { ProcessChanges, ProcessInstance, ProcessManager, ProcessStep, Rejection, Settlement, StoredInstances } from '@kiroku/core';
import { applyReaction, type Reacted } from './apply-reaction.ts';
import { InstanceChanges } from './instance-changes.ts';

/** What instances make of delivered commands' outcomes. A rejection nobody provided for fails the instance; an acceptance mostly speaks through its events. */
export function reactToOutcomes(
  processManager: ProcessManager,
  settlements: readonly Settlement[],
  stored: StoredInstances,
): ProcessChanges {
  const changes = new InstanceChanges(stored);
  for (const settlement of settlements) {
    const before = changes.instance(settlement.command.instance);
    if (before !== undefined) changes.add(seen(settlement), outcomeReaction(processManager, before, settlement));
  }
  return changes.all();
}

function seen({ command, outcome }: Settlement): ProcessStep {
  const about = { instance: command.instance, reference: command.id };
  return outcome.accepted
    ? { ...about, kind: 'accepted', what: command.type }
    : { ...about, kind: 'rejected', what: `${command.type}: ${outcome.rejection.code}` };
}

function outcomeReaction(processManager: ProcessManager, before: ProcessInstance, { command, outcome }: Settlement): Reacted | undefined {
  const cause = { id: command.id, metadata: command.metadata };
  if (outcome.accepted) {
    const reaction = processManager.accepted(before.state, outcome, command);
    return reaction && applyReaction(processManager, before, { cause, reaction });
  }
  const { rejection } = outcome;
  const reaction = processManager.rejected(before.state, rejection, command) ?? {
    state: before.state,
    failed: notProvidedFor(command.type, rejection),
  };
  return applyReaction(processManager, before, { cause, reaction });
}

function notProvidedFor(type: string, { code, message }: Rejection): string {
  return `${type} was rejected with ${code}, which is not provided for: ${message}`;
}
