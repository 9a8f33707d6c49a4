import { type Aggregate, type Command, isKirokuError, targetStream, type UnrecordedCommand, type UnrecordedOutcome } from '@kiroku/core';
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import type { CommandHandler, CommandResult } from '../handle-command/command-result.ts';

export interface AuditedHandlerOptions {
  readonly handle: CommandHandler;
  readonly aggregates: readonly Aggregate[];
  /** Is told of each command that left no event. */
  readonly record: (command: UnrecordedCommand) => void;
}

type Outcome = Pick<UnrecordedCommand, 'outcome' | 'code'>;

const name = /^\p{L}[\p{L}\p{N}_.:-]{0,99}$/u;

/** The same handler, of whose commands those are audited that leave no event. Those that leave some are audited by their metadata. */
export function auditedHandler({ handle, aggregates, record }: AuditedHandlerOptions): CommandHandler {
  const owners = new Map(aggregates.flatMap((aggregate) => Object.keys(aggregate.commands).map((type) => [type, aggregate] as const)));
  const tell = (command: Command, startedAt: number, { outcome, code }: Outcome): void => {
    const owner = outcome === 'invalid' ? undefined : owners.get(command.type); // what fits no schema may say anything
    record({
      ...unrecordedCommand(command, { outcome, ...(code !== undefined && { code }) }),
      durationMs: performance.now() - startedAt,
      ...(owner !== undefined && streamOf(owner, command)),
    });
  };
  return async (command) => {
    const startedAt = performance.now();
    let result: CommandResult;
    try {
      result = await handle(command);
    } catch (error) {
      tell(command, startedAt, outcomeOfFault(error));
      throw error;
    }
    const outcome = outcomeOf(result);
    if (outcome !== undefined) tell(command, startedAt, outcome);
    return result;
  };
}

/** An entry about a command, in which nothing stands that was not meant to be a name or an id. */
export function unrecordedCommand({ type, id, at, metadata }: Omit<Command, 'data'>, { outcome, code }: Outcome): UnrecordedCommand {
  const { correlationId, actor: user, role, sourceAddress } = metadata;
  return {
    id: uuidv7(),
    receivedAt: at,
    durationMs: 0,
    outcome,
    ...(code !== undefined && { code }),
    ...(isUuid(id) && { commandId: id }),
    ...(name.test(type) && { type }),
    ...(user !== undefined && { user }),
    ...(role !== undefined && { role }),
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(correlationId !== undefined && { correlationId }),
  };
}

/** How a command ended that threw: `invalid` if it would fail however often it is sent, and however well we are. */
function outcomeOfFault(error: unknown): Outcome {
  if (!isKirokuError(error)) return { outcome: 'fault', code: 'Internal' };
  return { outcome: error.status < 500 && !error.retryable ? 'invalid' : 'fault', code: error.code };
}

function outcomeOf(result: CommandResult): Outcome | undefined {
  if (result.outcome === 'rejected') return { outcome: 'rejected', code: result.rejection.code };
  if (result.duplicate) return { outcome: 'duplicate' };
  const outcome: UnrecordedOutcome | undefined = result.events.length === 0 ? 'unchanged' : undefined;
  return outcome && { outcome };
}

function streamOf(owner: Aggregate, command: Command): { readonly stream?: string } {
  try {
    return { stream: targetStream(owner, command) };
  } catch {
    return {}; // it failed before its data was known to be good
  }
}
