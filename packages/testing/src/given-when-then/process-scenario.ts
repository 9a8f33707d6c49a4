import type { JsonObject, ProcessManager, Reaction, RecordedEvent, Sending, TimerChange } from '@kiroku/core';
import { expect } from 'vitest';
import { type Past, recordPast } from './past.ts';
import type { Accepted, Fired, ProcessInput, Refusal } from './process-inputs.ts';

export interface ExpectedReaction {
  /** Sent in answer to the last input, in order. Labels are compared if given. Default: none. */
  readonly commands?: readonly Sending[];
  /** Compared if given. */
  readonly timers?: readonly TimerChange[];
  /** Compared if given. */
  readonly state?: JsonObject;
  /** Is nothing more expected? Default: not yet. */
  readonly done?: boolean;
  /** Why it failed. Default: it did not. */
  readonly failed?: string;
}

interface ProcessScenario {
  readonly given: (...inputs: readonly ProcessInput[]) => {
    readonly when: (input: ProcessInput) => {
      /** What the last input leads to; `'failed'` for a rejection that was not provided for, `'ignored'` for an input that means nothing to it. */
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
  const { commands = [], done = false, failed, state, timers } = expected;
  const shown = {
    commands: (actual.commands ?? []).map((command, index) => (commands[index]?.label === undefined ? unlabelled(command) : command)),
    done: actual.done ?? false,
    ...(actual.failed !== undefined && { failed: actual.failed }),
    ...(state && { state: actual.state }),
    ...(timers && { timers: actual.timers ?? [] }),
  };
  expect(shown, 'the reaction').toEqual({
    commands,
    done,
    ...(failed !== undefined && { failed }),
    ...(state && { state }),
    ...(timers && { timers }),
  });
}

interface Progress {
  readonly log: readonly RecordedEvent[];
  readonly sent: readonly Sending[];
  /** The instance under test, once an event has started it. */
  readonly instance?: { readonly id: string; readonly state: JsonObject };
  readonly outcome: Outcome;
}

/** Feeds the inputs one by one and returns what the last of them led to. */
function run(processManager: ProcessManager, inputs: readonly ProcessInput[]): Outcome {
  return inputs.reduce<Progress>(
    (progress, input) => ('stream' in input ? happen(processManager, progress, input) : hear(processManager, progress, input)),
    { log: [], sent: [], outcome: 'ignored' },
  ).outcome;
}

function hear(processManager: ProcessManager, progress: Progress, input: Refusal | Accepted | Fired): Progress {
  const { instance } = progress;
  if (instance === undefined) throw new TypeError('An input came before any event started an instance. Give that event first.');
  const { id, state } = instance;
  if ('timer' in input) return reacted(progress, id, processManager.fired(state, input.timer));
  const command = asSent(progress.sent, input.command);
  if ('rejection' in input) return reacted(progress, id, processManager.rejected(state, input.rejection, command) ?? 'failed');
  return reacted(progress, id, processManager.accepted(state, input.acceptance, command) ?? 'ignored');
}

/** The command as it was sent last, with its label. */
function asSent(sent: readonly Sending[], command: Sending): Sending {
  if (command.label !== undefined) return command;
  return sent.findLast(({ type, data }) => type === command.type && JSON.stringify(data) === JSON.stringify(command.data)) ?? command;
}

function unlabelled({ type, data }: Sending): Sending {
  return { type, data };
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

function reacted(progress: Progress, id: string, outcome: Outcome): Progress {
  if (typeof outcome === 'string') return { ...progress, outcome };
  return { ...progress, sent: [...progress.sent, ...(outcome.commands ?? [])], instance: { id, state: outcome.state }, outcome };
}
