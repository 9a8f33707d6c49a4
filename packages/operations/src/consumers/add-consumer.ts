import { type ConsumerDefinition, type JsonObject, KirokuError, type LogHead } from '@kiroku/core';
import { newSecret, sealSecret } from '@kiroku/engine';
import { v7 as uuidv7 } from 'uuid';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import { type ConsumerOrder, type ConsumerStart, checkConsumer } from './check-consumer.ts';
import { type ConsumerStatus, statusOf } from './consumer-status.ts';
import type { ConsumerStores } from './consumer-stores.ts';

/** A consumer as it was registered, with its secret: this is the only time that it is told. */
export interface AddedConsumer {
  readonly consumer: ConsumerStatus;
  readonly secret: string;
}

/** A consumer as it would be registered. */
export interface ConsumerPlan extends Pick<ConsumerDefinition, 'name' | 'url' | 'filter' | 'reveal' | 'terms'> {
  /** It would get what follows. */
  readonly position: number;
  /** Up to there. */
  readonly head: number;
}

/** What an order would lead to. Throws `BadRequest` and `ConsumerExists`. */
export async function planConsumer(stores: ConsumerStores, order: ConsumerOrder): Promise<ConsumerPlan> {
  const { name, reveal = false, from = 'now' } = order;
  const checked = checkConsumer(stores.application, order);
  const [head, known] = await Promise.all([stores.log.head(), stores.consumers.consumers()]);
  if (known.some((consumer) => consumer.name === name)) {
    throw new KirokuError('ConsumerExists', `There is a consumer ${name} already. Take another name, or remove that one first.`);
  }
  return { name, ...checked, reveal, position: positionOf(from, head), head: head.position };
}

/** Registers a consumer. Recorded in the audit log. Throws `BadRequest` and `ConsumerExists`. */
export async function addConsumer(
  stores: ConsumerStores,
  { order, operator }: { readonly order: ConsumerOrder; readonly operator: Operator },
): Promise<AddedConsumer> {
  const { name, reveal = false, from = 'now' } = order;
  const checked = checkConsumer(stores.application, order);
  const head = await stores.log.head();
  const position = positionOf(from, head);
  return recordedRun(stores.audit, operator, {
    verb: 'consumer add',
    arguments: { name, ...checked, reveal, position } as unknown as JsonObject, // texts, numbers and lists of texts
    run: async () => {
      const [id, secret] = [uuidv7(), newSecret()];
      const secrets = { current: await sealSecret(stores.keys, id, secret) };
      await stores.consumers.add({ id, name, ...checked, reveal, position, log: head.log, secrets, createdBy: operator.name });
      return { consumer: await statusOf(stores, await stores.consumers.consumer(name)), secret };
    },
    after: ({ consumer: { id } }) => ({ id }),
  });
}

function positionOf(from: ConsumerStart, { position: head }: LogHead): number {
  if (from === 'beginning') return 0;
  if (from === 'now') return head;
  if (Number.isSafeInteger(from) && from >= 0 && from <= head) return from;
  throw new KirokuError('BadRequest', `Nothing can follow position ${from}: the log ends at ${head}.`);
}
