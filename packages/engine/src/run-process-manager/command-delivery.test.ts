import { type Acceptance, KirokuError, type ProcessManager } from '@kiroku/core';
import { counting, InMemoryProcessManagerStore, recordedAs } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import type { CommandHandler } from '../handle-command/command-result.ts';
import { CommandDelivery, type CommandDeliveryOptions } from './command-delivery.ts';
import { reactBatch } from './react-batch.ts';

const never = 3_600_000;
const started = (position: number) => recordedAs(position, { type: 'Started', data: { tally: `${position}`, upTo: 2, limit: 1 } });

/** A delivery to a handler that accepts everything, and a way to have two commands sent. */
async function begun(processManager: ProcessManager = counting, options: Partial<CommandDeliveryOptions> = {}) {
  const store = new InMemoryProcessManagerStore();
  await store.prepare('counting', { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 });
  const leases = await store.attend({ instance: 'one', processManagers: ['counting'], leaseMs: never });
  const handle = vi.fn<CommandHandler>(async () => ({
    outcome: 'accepted',
    stream: 'tally-1',
    version: 1,
    position: 7,
    events: ['Counted'],
    duplicate: false,
  }));
  const delivery = new CommandDelivery({ store, processManagers: [processManager], handle, pollMs: never, concurrency: 4, ...options });
  let position = 0;
  const send = (through: Pick<CommandDelivery, 'advance'> | typeof store = delivery) => {
    const partitions = leases.map((lease) => ({ lease, after: position }));
    position += 1;
    const batch = reactBatch(processManager, [started(position)], partitions);
    return through.advance({ processManager: 'counting', partitions, position, ...batch });
  };
  return { store, handle, delivery, send };
}

/** A gate that opens once; whoever comes before that waits. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('a delivery that has not been started, or was stopped, leaves what is sent to others', async () => {
  const { store, handle, delivery, send } = await begun();
  await send();
  delivery.start();
  await expect.poll(store.unsettled.bind(store)).toEqual([]);
  await delivery.stop();
  handle.mockClear();
  await send();
  expect(await store.claim({ limit: 9, leaseMs: 1 })).toHaveLength(2);
  expect(handle).not.toHaveBeenCalled();
});

test('a delivery that is started anew delivers again, and stopped leaves no timer behind', async () => {
  const [begins, ends] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')];
  const { store, handle, delivery, send } = await begun();
  delivery.start();
  await delivery.stop();
  expect(ends.mock.calls.flat()).toContain(begins.mock.results[0]?.value);
  await send(store);
  delivery.start();
  await expect.poll(() => handle.mock.calls.length).toBe(2);
  await delivery.stop();
  expect(ends.mock.calls.flat()).toContain(begins.mock.results[1]?.value);
  for (const spy of [begins, ends]) spy.mockRestore();
});

test('a delivery that is started twice looks once', async () => {
  const { store, delivery } = await begun();
  const claim = vi.spyOn(store, 'claim');
  delivery.start();
  delivery.start();
  await delivery.stop();
  expect(claim).toHaveBeenCalledOnce();
});

test('commands are claimed for half a minute, unless it is told otherwise', async () => {
  const { store, delivery, send } = await begun();
  const [claim, advance] = [vi.spyOn(store, 'claim'), vi.spyOn(store, 'advance')];
  delivery.start();
  await send();
  expect(claim.mock.calls[0]?.[0].leaseMs).toBe(30_000);
  expect(advance.mock.calls[0]?.[0].claim?.leaseMs).toBe(30_000);
  await delivery.stop();
});

test('a process manager is told what its command led to', async () => {
  const told: Acceptance[] = [];
  const { delivery, send } = await begun({
    ...counting,
    accepted: (state, acceptance) => {
      told.push(acceptance);
      return { state };
    },
  });
  delivery.start();
  await send();
  await expect.poll(() => told).toMatchObject([1, 2].map(() => ({ position: 7, events: ['Counted'] })));
  await delivery.stop();
});

test('a command whose answer from outside can never be recorded is parked at once', async () => {
  const { store, handle, delivery, send } = await begun();
  const givenBack: (string | number | undefined)[][] = [];
  store.giveBack = async ({ error, retryInMs }) => void givenBack.push([error, retryInMs]);
  handle.mockRejectedValue(new KirokuError('AnswerNotRecorded', 'as it is'));
  delivery.start();
  await send();
  await expect.poll(() => givenBack).toEqual([1, 2].map(() => ['AnswerNotRecorded: as it is', undefined]));
  await delivery.stop();
});

test('a delivery has as much room after a fault as before, also if it was asked for twice', async () => {
  const { store, delivery, send } = await begun();
  const advance = store.advance.bind(store);
  store.advance = (batch) => {
    batch.claim?.limit(2); // of a try that was undone
    return advance(batch);
  };
  delivery.start();
  for (let rounds = 0; rounds < 6; rounds += 1) {
    await send();
    await expect.poll(store.unsettled.bind(store)).toEqual([]);
  }
  await delivery.stop();
});

test('no more commands are under way than allowed, though some are sent while others are claimed', async () => {
  const { store, handle, delivery, send } = await begun();
  const [answers, looked] = [gate(), gate()];
  const accept = handle.getMockImplementation() as CommandHandler;
  handle.mockImplementation((command) => answers.opened.then(() => accept(command)));
  const claim = vi.spyOn(store, 'claim');
  delivery.start();
  await expect.poll(() => claim.mock.settledResults[0]?.value).toEqual([]);
  await send(store);
  claim.mockImplementationOnce(async (options) => {
    const claimed = await InMemoryProcessManagerStore.prototype.claim.call(store, options);
    await looked.opened;
    return claimed;
  });
  delivery.wake();
  await expect.poll(() => claim.mock.calls.length).toBe(2);
  await send();
  expect(handle).toHaveBeenCalledTimes(2); // at once, though it looks for others
  await send();
  looked.open();
  await expect.poll(() => handle.mock.calls.length).toBeGreaterThan(3);
  expect(handle.mock.calls.length).toBe(4);
  answers.open();
  await expect.poll(store.unsettled.bind(store)).toEqual([]);
  await delivery.stop();
});

test('all slots are used when it finds that more waits than it looked for', async () => {
  const { store, handle, delivery, send } = await begun();
  const answers = gate();
  const accept = handle.getMockImplementation() as CommandHandler;
  handle.mockImplementation((command) => answers.opened.then(() => accept(command)));
  const claim = vi.spyOn(store, 'claim');
  delivery.start();
  await expect.poll(() => claim.mock.settledResults[0]?.value).toEqual([]);
  for (let sends = 0; sends < 4; sends += 1) await send(store);
  delivery.wake();
  await expect.poll(() => handle.mock.calls.length).toBe(4);
  answers.open();
  await expect.poll(store.unsettled.bind(store)).toEqual([]);
  await delivery.stop();
});

test('what is sent does not get ahead of what waits already', async () => {
  const { store, handle, delivery, send } = await begun(counting, { concurrency: 8 });
  const [answer, answers] = [gate(), gate()];
  const accept = handle.getMockImplementation() as CommandHandler;
  handle.mockImplementation((command) => answers.opened.then(() => accept(command)));
  handle.mockImplementationOnce((command) => answer.opened.then(() => accept(command)));
  for (let sends = 0; sends < 5; sends += 1) await send(store);
  delivery.start();
  await expect.poll(() => handle.mock.calls.length).toBe(8);
  answer.open();
  await expect.poll(store.unsettled.bind(store)).toHaveLength(9); // one slot is free, for which it does not look
  await send();
  expect(handle).toHaveBeenCalledTimes(8);
  answers.open();
  await expect.poll(store.unsettled.bind(store)).toEqual([]);
  await delivery.stop();
});

test('a look that fails is told, and the next is not put off by it', async () => {
  const faults: unknown[][] = [];
  const { store, delivery, send } = await begun(counting, { pollMs: 5, onFault: (...told) => faults.push(told) });
  const away = new KirokuError('DatabaseUnavailable', 'It is away.');
  vi.spyOn(store, 'claim').mockRejectedValueOnce(away);
  await send(store);
  delivery.start();
  await expect.poll(store.unsettled.bind(store)).toEqual([]);
  expect(faults).toEqual([[away]]);
  await delivery.stop();
});

test('who stops waits for what is just being sent, and for its delivery', async () => {
  const { store, delivery, send } = await begun();
  delivery.start();
  await send();
  await expect.poll(store.unsettled.bind(store)).toEqual([]);
  const written = gate();
  vi.spyOn(store, 'advance').mockImplementationOnce(async (batch) => {
    const sent = await InMemoryProcessManagerStore.prototype.advance.call(store, batch);
    await written.opened;
    return sent;
  });
  const sending = send();
  const stopped = vi.fn();
  const stopping = delivery.stop().then(stopped);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(stopped).not.toHaveBeenCalled();
  written.open();
  await Promise.all([sending, stopping]);
  expect(await store.unsettled()).toEqual([]);
});

test('who stops waits for a look, and for the delivery of what it finds', async () => {
  const { store, handle, delivery, send } = await begun();
  await send(store);
  const looked = gate();
  vi.spyOn(store, 'claim').mockImplementationOnce(async (options) => {
    const claimed = await InMemoryProcessManagerStore.prototype.claim.call(store, options);
    await looked.opened;
    return claimed;
  });
  delivery.start();
  const stopped = vi.fn();
  const stopping = delivery.stop().then(stopped);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(stopped).not.toHaveBeenCalled();
  looked.open();
  await stopping;
  expect(handle).toHaveBeenCalledTimes(2);
  expect(await store.unsettled()).toEqual([]);
});
