import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { RunningSimulator } from './running-simulator.ts';

const order = { orderId: '0193a5b0-7c1e-7000-8000-0000000000aa', token: 'visa-1', amount: { amount: 100, currency: 'EUR' } };

function authorise(simulator: RunningSimulator, key: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${simulator.url}/payments/authorise`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
    body: JSON.stringify(order),
  });
}

test('everything that the simulator answered is in its ledger after a kill -9, once', async () => {
  await using simulator = await RunningSimulator.start();
  const answered = new Map<string, unknown>();
  const customers = Array.from({ length: 8 }, async () => {
    for (;;) {
      const key = randomUUID();
      const answer = await authorise(simulator, key).catch(() => undefined);
      if (answer === undefined) return;
      answered.set(key, await answer.json());
      if (answered.size === 200) void simulator.kill();
    }
  });
  await Promise.allSettled(customers); // one may be cut off in the middle of an answer

  await simulator.startAgain();

  const entries = await simulator.ledger();
  expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
  const kept = new Map(entries.map(({ key, outcome }) => [key, outcome]));
  expect([...answered].filter(([key, outcome]) => JSON.stringify(kept.get(key)) !== JSON.stringify(outcome))).toEqual([]);
});

test('a request may wish for what goes wrong with it', async () => {
  await using simulator = await RunningSimulator.start();
  expect(await (await authorise(simulator, 'a', { 'x-simulate': 'decline=FraudDetected' })).json()).toMatchObject({
    code: 'FraudDetected',
  });
  expect((await authorise(simulator, 'b', { 'x-simulate': 'error=502' })).status).toBe(502);
  await expect(authorise(simulator, 'c', { 'x-simulate': 'lost' })).rejects.toThrow();
  expect((await simulator.ledger()).map(({ key }) => key)).toEqual(['a', 'c']);
});

test('the simulator stops at once, whatever it has not answered', async () => {
  await using simulator = await RunningSimulator.start();
  const calls = [authorise(simulator, 'a', { 'x-simulate': 'hang' }), authorise(simulator, 'b', { 'x-simulate': 'delay=600000' })];
  const ends = Promise.allSettled(calls);
  await expect.poll(async () => (await fetch(`${simulator.url}/payments/outcomes/b`)).json()).toEqual({ outcome: 'pending' });
  expect(await simulator.stop()).toBe(0);
  const [hung, delayed] = await ends;
  expect(hung?.status).toBe('rejected');
  expect(delayed).toMatchObject({ status: 'fulfilled', value: { status: 503 } });
});
