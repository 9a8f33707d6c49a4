import {
  type JsonObject,
  type ProcessManager,
  type Reaction,
  type RecordedEvent,
  type Rejection,
  reject,
  type Sending,
} from '@kiroku/core';
import { expect } from 'vitest';
import { type Past, recordPast } from './past.ts';

/** A command that was sent and refused. */
export interface Refusal {
  readonly command: Sending;
  readonly rejection: Rejection;
}

/** States that a sent command was rejected: `refusal({ type: 'ReserveStock', data }, 'InsufficientStock')`. */
export function refusal(command: Sending, code: string, message = code): Refusal {
  return { command, rejection: reject(code, message) };
}

export interface ExpectedReaction {
  /** Sent in answer to the last input, in order. Default: none. */
  readonly commands?: readonly Sending[];
  /** Compared if given. */
  readonly state?: JsonObject;
  /** Is nothing more expected? Default: not yet. */
  readonly done?: boolean;
}

interface ProcessScenario {
  readonly given: (...inputs: readonly (Past | Refusal)[]) => {
    readonly when: (input: Past | Refusal) => {
      /** What the last input leads to; `'failed'` for a rejection that was not provided for, `'ignored'` for an event without an instance. */
      readonly then: (expected: ExpectedReaction | 'failed' | 'ignored') => void;
    };
  };
}

/**
 * Tells how one instance of a process manager reacts, without engine or database:
 * `processScenario(fulfilment).given(on(order, id, placed)).when(on(stock, productId, reserved)).then({ commands: [confirm] })`.
 */
export function processScenario(processManager: ProcessManager): ProcessScenario {
  return {
    given: (...inputs) => ({
      when: (input) => ({
        // biome-ignore lint/suspicious/noThenProperty: given, when, then are the words of the trade; an await is caught below
        then: (expected) => {
          if (typeof expected === 'function') throw new TypeError('A scenario is not awaited. End it with .then(expected reaction).');
          expectReaction(run(processManager, [...inputs, input]), expected);
        },
      }),
    }),
  };
}

type Outcome = Reaction<JsonObject> | 'failed' | 'ignored';

function expectReaction(actual: Outcome, expected: ExpectedReaction | 'failed' | 'ignored'): void {
  if (typeof expected === 'string' || typeof actual === 'string') {
    expect(actual, 'the reaction').toEqual(expected);
    return;
  }
  const { commands = [], done = false, state } = expected;
  const shown = { commands: actual.commands ?? [], done: actual.done ?? false, ...(state && { state: actual.state }) };
  expect(shown, 'the reaction').toEqual({ commands, done, ...(state && { state }) });
}

interface Progress {
  readonly log: readonly RecordedEvent[];
  /** The instance under test, once an event has started it. */
  readonly instance?: { readonly id: string; readonly state: JsonObject };
  readonly outcome: Outcome;
}

/** Feeds the inputs one by one and returns what the last of them led to. */
function run(processManager: ProcessManager, inputs: readonly (Past | Refusal)[]): Outcome {
  return inputs.reduce<Progress>(
    (progress, input) => ('command' in input ? refuse(processManager, progress, input) : happen(processManager, progress, input)),
    { log: [], outcome: 'ignored' },
  ).outcome;
}

function refuse(processManager: ProcessManager, progress: Progress, { rejection, command }: Refusal): Progress {
  const { instance } = progress;
  if (instance === undefined) throw new TypeError('A command was refused before any event started an instance. Give that event first.');
  return reacted(progress, instance.id, processManager.rejected(instance.state, rejection, command));
}

function happen(processManager: ProcessManager, progress: Progress, past: Past): Progress {
  const log = recordPast([past], progress.log);
  return log.slice(progress.log.length).reduce((before, recorded) => react(processManager, before, recorded), { ...progress, log });
}

function react(processManager: ProcessManager, progress: Progress, recorded: RecordedEvent): Progress {
  if (!processManager.eventTypes.includes(recorded.type)) return { ...progress, outcome: 'ignored' };
  const event = processManager.upcast(recorded);
  const id = processManager.correlate(event);
  if (id === undefined) return { ...progress, outcome: 'ignored' };
  if (id === progress.instance?.id) return reacted(progress, id, processManager.react(progress.instance.state, event));
  if (!processManager.starts(event)) return { ...progress, outcome: 'ignored' };
  return reacted(progress, id, processManager.react(processManager.initialState, event));
}

function reacted(progress: Progress, id: string, reaction: Reaction<JsonObject> | undefined): Progress {
  return reaction === undefined
    ? { ...progress, outcome: 'failed' }
    : { ...progress, instance: { id, state: reaction.state }, outcome: reaction };
}
