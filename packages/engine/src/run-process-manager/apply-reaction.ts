import type { InstanceStatus, JsonObject, OutgoingCommand, ProcessInstance, ProcessManager, ProcessStep, Reaction } from '@kiroku/core';
import { type Cause, outgoingCommands } from './outgoing-commands.ts';

export interface Reacted {
  readonly instance: ProcessInstance;
  readonly commands: readonly OutgoingCommand[];
  readonly history: readonly ProcessStep[];
}

/** What a reaction makes of an instance. A done or failed instance still reacts, but stays what it is until it is done. */
export function applyReaction(
  processManager: ProcessManager,
  before: ProcessInstance,
  { cause, reaction }: { readonly cause: Cause; readonly reaction: Reaction<JsonObject> },
): Reacted {
  const commands = outgoingCommands(processManager, before.id, cause, reaction.commands);
  const status = statusAfter(before.status, reaction.done ?? false);
  const history = commands.map(({ type, id }): ProcessStep => ({ instance: before.id, kind: 'command', what: type, reference: id }));
  if (status === 'done' && before.status !== 'done') history.push({ instance: before.id, kind: 'done', what: 'nothing more is expected' });
  const kept = status === 'failed' && before.failure !== undefined ? { failure: before.failure } : {};
  return { instance: { id: before.id, state: reaction.state, status, ...kept }, commands, history };
}

function statusAfter(before: InstanceStatus, done: boolean): InstanceStatus {
  return done ? 'done' : before;
}
