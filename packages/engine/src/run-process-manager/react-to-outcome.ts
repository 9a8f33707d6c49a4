import type { CommandOutcome, OutgoingCommand, ProcessChanges, ProcessInstance, ProcessManager, Rejection } from '@kiroku/core';
import { applyReaction } from './apply-reaction.ts';

/** What an instance makes of a delivered command's outcome. An acceptance speaks through its events; a rejection nobody provided for fails the instance. */
export function reactToOutcome(
  processManager: ProcessManager,
  instance: ProcessInstance,
  command: OutgoingCommand,
  outcome: CommandOutcome,
): ProcessChanges {
  if (outcome.accepted) {
    return {
      instances: [],
      commands: [],
      history: [{ instance: instance.id, kind: 'accepted', what: command.type, reference: command.id }],
    };
  }
  const { rejection } = outcome;
  const seen = { instance: instance.id, kind: 'rejected', what: `${command.type}: ${rejection.code}`, reference: command.id } as const;
  const reaction = processManager.rejected(instance.state, rejection, command);
  if (reaction === undefined) {
    const failed = failedBy(instance, command, rejection);
    return { instances: [failed], commands: [], history: [seen, { instance: instance.id, kind: 'failed', what: failed.failure }] };
  }
  const reacted = applyReaction(processManager, instance, { cause: command, reaction });
  return { instances: [reacted.instance], commands: reacted.commands, history: [seen, ...reacted.history] };
}

function failedBy(
  instance: ProcessInstance,
  command: OutgoingCommand,
  { code, message }: Rejection,
): ProcessInstance & { readonly failure: string } {
  return { ...instance, status: 'failed', failure: `${command.type} was rejected with ${code}, which is not provided for: ${message}` };
}
