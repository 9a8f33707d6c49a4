import type {
  InstanceStatus,
  JsonObject,
  OutgoingCommand,
  ProcessInstance,
  ProcessManager,
  ProcessStep,
  Reaction,
  TimerSetting,
} from '@kiroku/core';
import { type Cause, outgoingCommands, timerSettings } from './outgoing-commands.ts';

export interface Reacted {
  readonly instance: ProcessInstance;
  readonly commands: readonly OutgoingCommand[];
  readonly timers: readonly TimerSetting[];
  readonly history: readonly ProcessStep[];
}

/** What a reaction makes of an instance. One that is done or has failed still reacts, but stays what it is until the reaction says otherwise. */
export function applyReaction(
  processManager: ProcessManager,
  before: ProcessInstance,
  { cause, reaction }: { readonly cause: Cause; readonly reaction: Reaction<JsonObject> },
): Reacted {
  const { id } = before;
  const commands = outgoingCommands(processManager, id, cause, reaction.commands);
  const status = statusAfter(before.status, reaction);
  const failure = status === 'failed' ? (reaction.failed ?? before.failure) : undefined;
  const instance = { id, state: reaction.state, status, ...(failure !== undefined && { failure }) };
  const sent = commands.map(({ type, id: reference }): ProcessStep => ({ instance: id, kind: 'command', what: type, reference }));
  return {
    instance,
    commands,
    timers: timerSettings(processManager, id, cause, reaction.timers),
    history: [...sent, ...statusSteps(before, instance)],
  };
}

function statusAfter(before: InstanceStatus, { done = false, failed, resumed = false }: Reaction<JsonObject>): InstanceStatus {
  if (done) return 'done';
  if (failed !== undefined) return 'failed';
  return resumed ? 'running' : before;
}

/** A line where the status changes, or the reason of a failure. */
function statusSteps(before: ProcessInstance, after: ProcessInstance): readonly ProcessStep[] {
  if (before.status === after.status && before.failure === after.failure) return [];
  switch (after.status) {
    case 'done':
      return [{ instance: after.id, kind: 'done', what: 'nothing more is expected' }];
    case 'failed':
      return [{ instance: after.id, kind: 'failed', what: after.failure ?? 'failed' }];
    case 'running':
      return [{ instance: after.id, kind: 'resumed', what: 'at work again' }];
    default:
      return after.status satisfies never;
  }
}
