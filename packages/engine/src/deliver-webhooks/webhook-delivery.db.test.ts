import type { StreamName } from '@kiroku/core';
import { createPool, migrate, PostgresConsumerStore, PostgresEventStore } from '@kiroku/postgres';
import { InMemoryKeyStore, sampleConsumer, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { newSecret, sealSecret } from './consumer-secret.ts';
import { Receiver } from './receiver.test-service.ts';
import { WebhookDelivery } from './webhook-delivery.ts';

test('every event arrives, in order per stream, though two instances share the consumers and connections are killed on the way', async () => {
  await using given = await twoInstances();
  let asked = 0;
  given.receiver.answer = () => ([500, 'close', 429, 204, 204, 204] as const)[asked++ % 6] ?? 204;
  const killing = setInterval(() => given.killConnections(), 60);
  const perConsumer = await given.append(5, 12);
  clearInterval(killing);
  given.receiver.answer = () => 204;
  await expect.poll(() => new Set(given.accepted()).size, { interval: 20, timeout: 45_000 }).toBe(perConsumer * given.consumers.length);
  await expect.poll(() => given.lagging(), { interval: 20, timeout: 45_000 }).toEqual([]);
  for (const consumer of given.consumers)
    for (const stream of given.streams) expect(given.firstArrivals(consumer, stream)).toEqual(given.positionsOf(stream));
});

async function twoInstances() {
  const [log, own] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('command_db', migrate)]);
  const superuser = createPool({ url: own.url, applicationName: 'kiroku-tests' });
  const pool = createPool({ url: own.serviceUrl, applicationName: 'kiroku-tests-instance' });
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const store = new PostgresConsumerStore({ pool });
  const [keys, receiver] = [new InMemoryKeyStore(), await Receiver.start()];
  const consumers = ['a', 'b', 'c'];
  const { log: identity } = await eventStore.head();
  for (const name of consumers) {
    const sample = sampleConsumer(name, { url: `${receiver.url}&consumer=${name}`, log: identity });
    const terms = { ...sample.terms, maxAttempts: 1_000_000 };
    await store.add({ ...sample, terms, secrets: { current: await sealSecret(keys, sample.id, newSecret()) } });
  }
  const retry = { baseMs: 5, capMs: 20 };
  const instances = [1, 2].map(() => new WebhookDelivery({ eventStore, store, keys, leaseMs: 2_000, pollMs: 20, retry }));
  for (const instance of instances) instance.start();
  const positions = new Map<string, number[]>();
  const accepted = () => receiver.received.filter(({ status }) => status === 204).map(({ path, event }) => `${path} ${event.position}`);
  return {
    receiver,
    consumers,
    accepted,
    get streams() {
      return [...positions.keys()];
    },
    /** Returns how many there are. */
    async append(streams: number, rounds: number): Promise<number> {
      for (let round = 0; round < rounds; round += 1) {
        for (let n = 0; n < streams; n += 1) {
          const stream: StreamName = `order-${n}`;
          const { position } = await eventStore.append({
            streams: [{ stream, expectedVersion: 'any', events: [{ type: 'Moved', data: {} }] }],
          });
          positions.set(stream, [...(positions.get(stream) ?? []), position]);
        }
      }
      return streams * rounds;
    },
    positionsOf: (stream: string) => positions.get(stream),
    firstArrivals: (consumer: string, stream: string) => [
      ...new Set(
        receiver.received
          .filter(({ status, path, event }) => status === 204 && path.endsWith(`consumer=${consumer}`) && event.subject === stream)
          .map(({ event }) => Number(event.position)),
      ),
    ],
    /** Consumers that have not got everything. */
    async lagging() {
      const { position: head } = await eventStore.head();
      return (await store.consumers()).filter(({ position, waiting }) => position < head || waiting > 0).map(({ name }) => name);
    },
    killConnections: (): void => {
      const kill = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kiroku-tests-instance' and datname = current_database()`;
      superuser.query(kill).catch(() => undefined); // the test may just have ended
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(instances.map((instance) => instance.stop()));
      await Promise.all([eventStore.stop(), receiver[Symbol.asyncDispose]()]);
      await Promise.all([pool.end(), superuser.end()]);
      await Promise.all([log[Symbol.asyncDispose](), own[Symbol.asyncDispose]()]);
    },
  };
}
