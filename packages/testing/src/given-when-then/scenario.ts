import type { Aggregate, CommandDefinitions, EventDefinitions, EventOf, Schema } from '@kiroku/core';
import { type Decided, decideCommand } from './decide-command.ts';
import { type ExpectedFaults, type ExpectedRejection, expectOutcome, type nothing } from './expectation.ts';
import { type Past, recordPast, type Stated, scenarioId, scenarioTime } from './past.ts';

type InputOf<S> = S extends { readonly '~standard': { readonly types?: { readonly input: infer I } | undefined } } ? I : never;
/** A command as a caller states it, before its schema fills in defaults. */
type CommandsOf<D> = D extends CommandDefinitions
  ? {
      [K in keyof D & string]: D[K] extends { readonly schema: infer S extends Schema }
        ? { readonly type: K; readonly data: Stated<InputOf<S>> }
        : never;
    }[keyof D & string]
  : never;
type EventsOf<D> = D extends EventDefinitions ? Stated<EventOf<D>> : never;

interface Scenario<A extends Aggregate> {
  readonly given: (...past: readonly Past[]) => Given<A>;
}

interface Given<A extends Aggregate> {
  /** `at` and `id` are the command's own; they have defaults that never change. */
  readonly when: (command: CommandsOf<A['commands']>, options?: { readonly at?: string; readonly id?: string }) => When<A>;
}

interface When<A extends Aggregate> {
  /** The events decided, in order; or `nothing`, `rejected(…)` or `invalid(…)`. */
  readonly then: (...expected: readonly EventsOf<A['events']>[] | readonly [ExpectedRejection | ExpectedFaults | typeof nothing]) => void;
}

/**
 * Tells how aggregates answer commands, without engine or database:
 * `scenario(category).given(on(category, id, …)).when({ type: 'DeleteCategory', data }).then(rejected('CategoryHasProducts'))`.
 * What a command reads is taken from the given events, by stream and by tag.
 */
export function scenario<const A extends Aggregate>(...aggregates: readonly A[]): Scenario<A> {
  return {
    given: (...past) => ({
      when: (command, { at = scenarioTime, id = scenarioId(0) } = {}) =>
        outcome(decideCommand(aggregates, recordPast(past), { ...command, id, at, metadata: {} })),
    }),
  };
}

function outcome<A extends Aggregate>(decided: Decided): When<A> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: given, when, then are the words of the trade; an await is caught below
    then: (...expected) => {
      if (typeof expected[0] === 'function') throw new TypeError('A scenario is not awaited. End it with .then(expected events).');
      expectOutcome(decided, expected);
    },
  };
}
