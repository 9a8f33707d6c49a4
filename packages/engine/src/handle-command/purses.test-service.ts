// Purses whose events say what was looked at when they were decided on, so that a log tells whether each decision was right.
import { type Command, command, defineAggregate, defineEvents, type RecordedEvent, readAggregate, readEvents, reject } from '@kiroku/core';
import { anySchema } from '@kiroku/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { CommandHandler } from './command-result.ts';

/** Balances by purse; `moves`: how many of them all there were. */
type Looks = Readonly<Record<string, number>>;
interface Move {
  readonly id: string;
  /** 0 is a no-op; more than is there, a rejection. */
  readonly amount: number;
  /** How many events it takes. */
  readonly parts: number;
  /** Another purse it looks at. */
  readonly other: string | undefined;
  /** Whether it counts the moves of all. */
  readonly counts: boolean;
  /** Makes an event that cannot be stored. */
  readonly isBad: boolean;
}
interface Moved {
  readonly id: string;
  readonly amount: number;
  readonly looks: Looks;
  readonly note: string;
}

/** What was looked at, by command, each time one was decided. */
export type Looked = Map<string, Looks[]>;

/**
 * Either with snapshots or with a personal field: an aggregate cannot have both. `creates`: each move says that its purse is not there yet, which most
 * find to be wrong.
 */
export function purses(kind: 'snapshots' | 'personal', looked: Looked, creates = false) {
  const personal = { subject: ({ id }: Moved) => id, fields: ['note'] as const };
  const events = defineEvents({ Moved: { schema: anySchema<Moved>(), ...(kind === 'personal' && { personal }) } });
  const state = {
    name: 'purse',
    events,
    initialState: 0,
    evolve: { Moved: (balance: number, { data }: { readonly data: Moved }) => balance + data.amount },
    ...(kind === 'snapshots' && { snapshot: { every: 5, stateVersion: 1 } }),
  };
  const moves = readEvents({ events, query: [{ types: ['Moved'] }], initial: 0, fold: { Moved: (count) => count + 1 } });
  return defineAggregate({
    ...state,
    commands: {
      Move: command({
        schema: anySchema<Move>(),
        target: ({ id }) => id,
        creates,
        reads: ({ other, counts }) => ({
          others: other === undefined ? [] : [readAggregate(state, other)],
          counted: counts ? [moves] : [],
        }),
      }),
    },
    decide: {
      Move: (balance, { id: commandId, data: { id, amount, parts, other, isBad } }, { others, counted }) => {
        const looks: Looks = {
          ...(other !== undefined && { [other]: others[0] ?? 0 }),
          ...(counted[0] !== undefined && { moves: counted[0] }),
          [id]: balance,
        };
        looked.set(commandId, [...(looked.get(commandId) ?? []), looks]);
        if (balance + amount < 0) return reject('TooPoor', 'No.', looks);
        if (amount === 0) return [];
        const part = (n: number) => (n > 0 ? 0 : isBad ? Number.NaN : amount);
        return Array.from({ length: parts }, (_, n) => ({ type: 'Moved' as const, data: { id, amount: part(n), looks, note: 'x' } }));
      },
    },
  });
}

const purse = fc.constantFrom('a', 'b');
const move = fc.record({
  id: purse,
  amount: fc.integer({ min: -4, max: 6 }),
  parts: fc.integer({ min: 1, max: 2 }),
  other: fc.option(purse, { nil: undefined, freq: 1 }),
  counts: fc.nat({ max: 7 }).map((n) => n === 0),
  isBad: fc.nat({ max: 15 }).map((n) => n === 0),
});
/** Moves, the process that gets each, and the one that gets it again. */
export const sendings = fc.array(fc.record({ move, process: fc.nat({ max: 1 }), again: fc.option(fc.nat({ max: 1 }), { freq: 3 }) }), {
  minLength: 2,
  maxLength: 40,
});
type Sending = typeof sendings extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

/** Sends all of them at once. */
export async function sendAll(sent: readonly Sending[], processes: readonly CommandHandler[]) {
  return await Promise.all(
    sent.map(async ({ move: data, process, again }) => {
      const message: Command = { type: 'Move', data, id: crypto.randomUUID(), at: '2026-11-27T10:00:00.000Z', metadata: {} };
      const to = again === null ? [process] : [process, again];
      return { id: message.id, answers: await Promise.allSettled(to.map(async (each) => processes[each]?.(message))) };
    }),
  );
}
type Answered = Awaited<ReturnType<typeof sendAll>>[number];

/** One command after the other, each once, each decided on what the log held then. Faults may have taken effect or not. */
export function expectSerial(log: readonly RecordedEvent[], answered: readonly Answered[], looked: Looked): void {
  for (const event of log) expect(Object.values(looksAt(log, event.position)).every((balance) => balance >= 0)).toBe(true);
  for (const { id, answers } of answered) {
    const its = log.filter(({ metadata }) => metadata.commandId === id);
    const before = (its[0]?.position ?? 1) - 1;
    expect(its.map(({ position }) => position)).toEqual(its.map((_, n) => before + 1 + n));
    if (its[0] !== undefined) expect(looksAt(log, before)).toMatchObject(its[0].data.looks as Looks);
    for (const answer of answers) if (answer.status === 'fulfilled') expectAnswer(log, its, answer.value, looked.get(id) ?? []);
  }
}

type Answer = Awaited<ReturnType<CommandHandler>> | undefined;

function expectAnswer(log: readonly RecordedEvent[], its: readonly RecordedEvent[], answer: Answer, looked: readonly Looks[]): void {
  if (answer?.outcome === 'rejected') {
    expect([0, ...log.map(({ position }) => position)].map((position) => looksAt(log, position))).toContainEqual(
      expect.objectContaining(answer.rejection.details),
    );
  } else if (its.length > 0) {
    expect(its.at(-1)).toMatchObject({ position: answer?.position, version: answer?.version, stream: answer?.stream });
  } else {
    expect(answer?.events).toEqual([]);
    const then = looksAt(log, answer?.position ?? 0);
    expect(looked.some((looks) => Object.entries(looks).every(([what, value]) => then[what] === value))).toBe(true);
  }
}

/** All there was to look at when the log ended at a position. */
function looksAt(log: readonly RecordedEvent[], position: number): Looks {
  const until = log.filter((event) => event.position <= position);
  const balance = (id: string) => until.reduce((sum, { data }) => sum + (data.id === id ? Number(data.amount) : 0), 0);
  return { a: balance('a'), b: balance('b'), moves: until.length };
}
