import { command, defineAggregate, defineEvents, defineProcessManager, type EventStore, reject } from '@kiroku/core';
import { anySchema } from '../any-schema.ts';

interface Tally {
  readonly tally: string;
}
const events = defineEvents({
  Started: { schema: anySchema<Tally & { readonly upTo: number; readonly limit: number }>() },
  Counted: { schema: anySchema<Tally & { readonly n: number }>() },
  Complained: { schema: anySchema<Tally>() },
});
const target = ({ tally }: Tally): string => tally;

/** Counts up to a limit. Counting is not idempotent: a command that takes effect twice is seen. */
export const tally = defineAggregate({
  name: 'tally',
  events,
  initialState: { limit: 0, counted: 0 },
  commands: {
    Start: command({ schema: anySchema<Tally & { readonly upTo: number; readonly limit: number }>(), target }),
    Count: command({ schema: anySchema<Tally & { readonly n: number }>(), target }),
    Complain: command({ schema: anySchema<Tally>(), target }),
  },
  evolve: {
    Started: (_state, { data }) => ({ limit: data.limit, counted: 0 }),
    Counted: (state) => ({ ...state, counted: state.counted + 1 }),
    Complained: (state) => state,
  },
  decide: {
    Start: (_state, { data }) => [{ type: 'Started', data }],
    Count: ({ limit, counted }, { data }) =>
      counted < limit ? [{ type: 'Counted', data }] : reject('LimitReached', 'No more can be counted.'),
    Complain: (_state, { data }) => [{ type: 'Complained', data }],
  },
});

/** Has a tally count so many times, and complain of each refusal. */
export const counting = defineProcessManager({
  name: 'counting',
  events,
  commands: tally.commands,
  initialState: { counted: 0, refused: 0, upTo: 0 },
  on: {
    Started: {
      starts: true,
      correlate: ({ data }) => data.tally,
      react: (state, { data }) => ({
        state: { ...state, upTo: data.upTo },
        commands: Array.from({ length: data.upTo }, (_, n) => ({ type: 'Count', data: { tally: data.tally, n } }) as const),
      }),
    },
    Counted: {
      correlate: ({ data }) => data.tally,
      react: (state) => ({ state: { ...state, counted: state.counted + 1 }, done: state.counted + 1 + state.refused === state.upTo }),
    },
  },
  onRejected: {
    Count: (state, _rejection, { data }) => ({
      state: { ...state, refused: state.refused + 1 },
      commands: [{ type: 'Complain', data: { tally: data.tally } }],
      done: state.counted + 1 + state.refused === state.upTo,
    }),
  },
});

/** How often each event happened to a tally. */
export async function tallyEffects(eventStore: EventStore, id: string): Promise<{ readonly [type: string]: number }> {
  const counts: { [type: string]: number } = { Started: 0, Counted: 0, Complained: 0 };
  for (const { type } of await eventStore.readStream(`tally-${id}`)) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
