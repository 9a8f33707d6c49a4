import { isKirokuError } from '@kiroku/core';
import { acceptance, on, processScenario, refusal, rejected, scenario, scenarioId, scenarioTime, timer, World } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { type Bank, deposit, depositCalls } from './deposits.ts';
import { book, lending, loan } from './sagas.ts';

const loanId = '7c5be1fb-3a8f-4b7e-9b53-9d3f2a5d6b11';
const request = { loanId, books: ['emma', 'ulysses'], cents: 500 };
const requested = on(loan, loanId, { type: 'LoanRequested', data: request });
const held = (name: string) => on(book, name, { type: 'BookHeld', data: { loanId, book: name } });
const freed = (name: string) => on(book, name, { type: 'BookFreed', data: { loanId, book: name } });
const paid = on(deposit, loanId, { type: 'DepositPaid', data: { loanId } });
const voided = on(deposit, loanId, { type: 'DepositVoided', data: { loanId } });
const hold = (name: string) => ({ type: 'HoldBook', data: { loanId, book: name } });
const free = (name: string) => ({ type: 'FreeBook', data: { loanId, book: name } });
const ask = { type: 'AskDeposit', data: { loanId, cents: 500 } } as const;
const giveBack = { type: 'VoidDeposit', data: { loanId } };
const { given } = processScenario(lending);
const allHeld = [requested, held('emma'), held('ulysses')];

describe('a loan', () => {
  test('holds its books, takes its deposit and is done', () => {
    given()
      .when(requested)
      .then({ commands: [hold('emma'), hold('ulysses')] });
    given(requested, held('emma'))
      .when(held('ulysses'))
      .then({ commands: [ask] });
    given(...allHeld)
      .when(paid)
      .then({ done: true });
  });

  test('is given up if a book is out: what is held is freed', () => {
    given(requested, held('emma'))
      .when(refusal(hold('ulysses'), 'BookIsOut', 'Somebody else has it.'))
      .then({ commands: [free('emma')] });
    given(requested, held('emma'), refusal(hold('ulysses'), 'BookIsOut', 'Somebody else has it.'))
      .when(freed('emma'))
      .then({ commands: [{ type: 'CancelLoan', data: { loanId, reason: 'hold books: Somebody else has it.' } }] });
  });

  test('asks for its deposit twice, then voids it and frees its books', () => {
    given(...allHeld)
      .when(timer('timeout'))
      .then({ commands: [ask] });
    given(...allHeld, timer('timeout'))
      .when(timer('timeout'))
      .then({ commands: [giveBack] });
    given(...allHeld, timer('timeout'), timer('timeout'))
      .when(voided)
      .then({ commands: [free('emma'), free('ulysses')] });
  });

  test('voids a deposit that was paid after it was given up', () => {
    given(...allHeld, timer('timeout'), timer('timeout'), acceptance(giveBack, [], 3))
      .when(paid)
      .then({ commands: [giveBack] });
  });
});

describe('a deposit', () => {
  test('that was given up before it was asked for is not asked for any more', () => {
    scenario(deposit)
      .given(on(deposit, loanId, { type: 'VoidAsked', data: { loanId } }))
      .when(ask)
      .then(rejected('DepositIsOver'));
  });

  const at = { id: scenarioId(1), at: scenarioTime, metadata: {} };
  const bank = (changes: Partial<Bank>): Bank => ({
    pay: async () => 'paid',
    find: async () => undefined,
    void: async () => undefined,
    ...changes,
  });

  test('is looked for by its key before it is asked for again', async () => {
    const calls = depositCalls(bank({ find: async (key) => (key === `deposit-${loanId}` ? 'voided' : undefined) }));
    const answer = await calls.AskDeposit?.({ ...ask, ...at }, { key: 'of the command', repeated: true });
    expect(answer).toEqual({ type: 'RecordDeposit', data: { loanId, outcome: 'voided' } });
  });

  test('without an answer is a fault that may pass', async () => {
    const calls = depositCalls(bank({ pay: () => Promise.reject(new Error('away')) }));
    const asking = calls.AskDeposit?.({ ...ask, ...at }, { key: 'of the command', repeated: false });
    expect(await asking?.catch((error: unknown) => isKirokuError(error) && error.retryable)).toBe(true);
  });
});

test.each(Array.from({ length: 50 }, (_, seed) => seed))('whatever comes first, all or nothing is done (%i)', (seed) => {
  const record = { type: 'RecordDeposit', data: { loanId, outcome: 'paid' } };
  const calls = { AskDeposit: () => record, VoidDeposit: () => ({ type: 'RecordVoid', data: { loanId } }) };
  const world = new World({ aggregates: [loan, book, deposit], processManagers: [lending], calls });
  world.handle({ type: 'RequestLoan', data: request });
  let random = seed + 1;
  world.settle((count) => {
    random = (random * 48_271) % 2_147_483_647;
    return random % count;
  });
  const last = (stream: string) => world.log.findLast((event) => event.stream === stream)?.type;
  const ends = [last('book-emma'), last('book-ulysses'), last(`deposit-${loanId}`), last(`loan-${loanId}`)];
  const isDone = ends.join() === 'BookHeld,BookHeld,DepositPaid,LoanRequested';
  const isUndone = !ends.includes('BookHeld') && ends[2] !== 'DepositPaid' && ends[3] === 'LoanCancelled';
  expect(isDone || isUndone, ends.join()).toBe(true);
});
