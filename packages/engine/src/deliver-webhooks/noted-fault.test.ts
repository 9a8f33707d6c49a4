import { type ConsumerLease, type DeliveryFault, KirokuError } from '@kiroku/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NotedFault } from './noted-fault.ts';

const lease = { name: 'crm' } as ConsumerLease; // of which nothing is looked at
const away = new KirokuError('DatabaseUnavailable', 'It is away.');
const told = { code: 'DatabaseUnavailable', error: 'It is away.' };
const quietMs = 1_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function given() {
  const noteFault = vi.fn(async (_lease: ConsumerLease, _fault: DeliveryFault | undefined) => undefined);
  return {
    noteFault,
    fault: new NotedFault({ store: { noteFault }, lease, quietMs }),
    written: () => noteFault.mock.calls.map(([, fault]) => fault),
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('a fault is noted once, and again if that failed', async () => {
  const { fault, noteFault, written } = given();
  noteFault.mockRejectedValueOnce(away);
  for (let times = 0; times < 3; times += 1) {
    fault.note(away);
    await pass(0);
  }
  expect(written()).toEqual([told, told]);
});

test('another fault is noted in its place', async () => {
  const { fault, written } = given();
  fault.note(away);
  fault.note(new TypeError('wrong'));
  await fault.stop();
  expect(written()).toEqual([told, { code: 'Internal', error: 'wrong' }]);
});

test('what is thrown and is no error is noted as its text', async () => {
  const { fault, written } = given();
  fault.note('no');
  await fault.stop();
  expect(written()).toEqual([{ code: 'Internal', error: 'no' }]);
});

test('a fault is forgotten once nothing has happened for a while, and may come again', async () => {
  const { fault, written } = given();
  fault.note(away);
  fault.goesOn();
  await pass(quietMs - 1);
  fault.goesOn();
  await pass(quietMs - 1);
  expect(written()).toEqual([told]);
  await pass(1);
  expect(written()).toEqual([told, undefined]);
  await pass(quietMs);
  fault.note(away);
  await pass(0);
  expect(written()).toEqual([told, undefined, told]);
});

test('that it goes on is not written as long as there was no fault', async () => {
  const { fault, written } = given();
  fault.goesOn();
  await pass(quietMs);
  expect(written()).toEqual([]);
});

test('a fault that comes again is not forgotten meanwhile', async () => {
  const { fault, written } = given();
  fault.note(away);
  fault.goesOn();
  await pass(quietMs - 1);
  fault.note(away);
  await pass(10 * quietMs);
  expect(written()).toEqual([told]);
});

test('a fault that could not be noted is not forgotten by that', async () => {
  const { fault, noteFault, written } = given();
  noteFault.mockRejectedValueOnce(away);
  fault.note(away);
  await pass(10 * quietMs);
  expect(written()).toEqual([told]);
});

test('a fault that is over is forgotten, also if that fails at first', async () => {
  const { fault, noteFault, written } = given();
  fault.note(away);
  await pass(0);
  noteFault.mockRejectedValueOnce(away);
  fault.goesOn();
  await pass(2 * quietMs);
  expect(written()).toEqual([told, undefined, undefined]);
});

test('nothing is written once it is stopped, however long that takes', async () => {
  const { fault, noteFault, written } = given();
  let answer = () => {};
  noteFault.mockReturnValueOnce(new Promise((resolve) => (answer = () => resolve(undefined))));
  fault.note(away);
  fault.goesOn();
  const stopped = fault.stop();
  await pass(quietMs);
  answer();
  await stopped;
  await pass(quietMs);
  expect(written()).toEqual([told]);
});

test('nor is it tried again then to forget a fault', async () => {
  const { fault, noteFault, written } = given();
  fault.note(away);
  fault.goesOn();
  await pass(0);
  noteFault.mockRejectedValueOnce(away);
  vi.advanceTimersByTime(quietMs);
  await fault.stop();
  await pass(quietMs);
  expect(written()).toEqual([told, undefined]);
});
