import type { NewConsumer, NewEvent, StreamName } from '@kiroku/core';
import { InMemoryConsumerStore, InMemoryEventStore, InMemoryKeyStore, sampleConsumer } from '@kiroku/testing';
import { newSecret, sealSecret } from './consumer-secret.ts';
import { Receiver } from './receiver.test-service.ts';
import { WebhookDelivery, type WebhookDeliveryOptions } from './webhook-delivery.ts';

type DeliveryOptions = Partial<Omit<WebhookDeliveryOptions, 'keys'>>;

/** A log, consumers and a receiver, for tests of delivering between them. Quick in everything. */
export class DeliveryWorld implements AsyncDisposable {
  readonly log = new InMemoryEventStore();
  readonly keys = new InMemoryKeyStore();
  readonly store = new InMemoryConsumerStore();
  readonly secret = newSecret();
  readonly faults: unknown[] = [];
  readonly receiver: Receiver;
  readonly #started: AsyncDisposable[] = [];

  private constructor(receiver: Receiver) {
    this.receiver = receiver;
  }

  static async open(): Promise<DeliveryWorld> {
    return new DeliveryWorld(await Receiver.start());
  }

  async addConsumer(
    name = 'crm',
    { terms = {}, ...more }: Partial<Omit<NewConsumer, 'terms'>> & { readonly terms?: Partial<NewConsumer['terms']> } = {},
  ): Promise<NewConsumer> {
    const sample = sampleConsumer(name);
    const secrets = { current: await sealSecret(this.keys, sample.id, this.secret) };
    const { log } = await this.log.head();
    const consumer = { ...sample, url: this.receiver.url, secrets, log, ...more, terms: { ...sample.terms, ...terms } };
    await this.store.add(consumer);
    return consumer;
  }

  /** Appends events to a stream; returns their positions. */
  async append(stream: StreamName, events: number | readonly NewEvent[] = 1): Promise<readonly number[]> {
    const given = typeof events === 'number' ? Array.from({ length: events }, () => ({ type: 'Happened', data: {} })) : events;
    const { position } = await this.log.append({ streams: [{ stream, expectedVersion: 'any', events: given }] });
    return given.map((_, index) => position - given.length + 1 + index);
  }

  deliver(options: DeliveryOptions = {}): WebhookDelivery {
    const delivery = new WebhookDelivery({
      eventStore: this.log,
      store: this.store,
      keys: this.keys,
      leaseMs: 4_000, // no shorter: a process that stood still for as long would deliver again what it had not written
      pollMs: 5,
      retry: { baseMs: 4, capMs: 15 },
      onFault: (error) => this.faults.push(error),
      ...options,
    });
    delivery.start();
    this.#started.push(delivery);
    return delivery;
  }

  consumer(name = 'crm') {
    return this.store.consumer(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#started) await each[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
    await this.log[Symbol.asyncDispose]();
  }
}
