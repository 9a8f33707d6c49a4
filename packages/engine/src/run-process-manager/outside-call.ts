import { type Command, isKirokuError, KirokuError, type Sending } from '@kiroku/core';
import { v5 as uuidOfName } from 'uuid';
import type { CommandHandler } from '../handle-command/command-result.ts';

const namespace = 'b0a3c6f4-58a1-4d52-9a0c-5f7a2f1d9e63';

/** What a call gets, beside the command. */
export interface CallContext {
  /**
   * Given to the outside with the call, and the same for each repetition of it: the command's id. Where several commands ask for the same
   * effect, as when a saga tries again, the call takes a key from the command's data instead.
   */
  readonly key: string;
  /** May the call have been made before, for this command or an earlier try of the same, without its answer being recorded? Then ask the outside by the key first. */
  readonly repeated: boolean;
}

/**
 * Makes the call that a command asked for, and returns the command that records its answer. Throws a `KirokuError` that is retryable if there is
 * no answer (yet), and then is called again with the same key. Must not throw for an answer that says no: that is recorded too.
 */
export type OutsideCall = (command: Command, context: CallContext) => Promise<Sending>;

/** Command type → the call it asks for. */
export interface OutsideCalls {
  readonly [commandType: string]: OutsideCall | undefined;
}

/**
 * Commands whose effect is outside: decided and appended as every command, so that it is on record that the call is to be made; then called;
 * then the answer is recorded by a command of its own, whose id follows from the first. A crash anywhere repeats the whole, which decides
 * nothing anew, calls with the same key, and records once. A command that led to no event asks for no call. Throws `AnswerNotRecorded` for an answer
 * that this code cannot record, whenever it is asked for.
 */
export async function handleWithCalls(
  { handle, calls = {} }: { readonly handle: CommandHandler; readonly calls?: OutsideCalls },
  command: Command,
  attempts: number,
): ReturnType<CommandHandler> {
  const result = await handle(command);
  const call = Object.hasOwn(calls, command.type) ? calls[command.type] : undefined;
  if (call === undefined || result.outcome === 'rejected' || result.events.length === 0) return result;
  const answer = await call(command, { key: command.id, repeated: result.duplicate || attempts > 1 });
  const recording = {
    ...answer,
    id: uuidOfName(command.id, namespace),
    at: command.at,
    metadata: { ...command.metadata, causationId: command.id },
  };
  const recorded = await handle(recording).catch((error: unknown) => {
    throw isKirokuError(error) && error.refusal ? unrecorded(command, recording, error) : error;
  });
  return recorded.outcome === 'rejected' ? recorded : { ...result, position: Math.max(result.position, recorded.position) };
}

function unrecorded(asked: Command, recording: Command, cause: KirokuError): KirokuError {
  return new KirokuError(
    'AnswerNotRecorded',
    `The call of ${asked.type} was answered, and ${recording.type}, which records the answer, is refused: ${cause.code}: ${cause.message} Deploy what mends it, then retry.`,
    { cause },
  );
}
