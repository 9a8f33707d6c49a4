import type { Consumer, DeadLetter, LogIdentity } from '@kiroku/core';
import { type Lag, nowOf, projectionLag } from '../projection-list/projection-lag.ts';
import type { ConsumerStores } from './consumer-stores.ts';

/** `failing`: nothing can be delivered, or there are messages that failed and are tried again or dead. `orphaned`: no process delivers to it. */
export type ConsumerState = 'delivering' | 'failing' | 'paused' | 'orphaned';

/** A consumer, and how it is. */
export interface ConsumerStatus extends Consumer {
  readonly state: ConsumerState;
  /** Behind the head of the log; messages that are kept are not counted. */
  readonly lag: Lag;
}

export interface ShownConsumer {
  readonly consumer: ConsumerStatus;
  /** The log as it is now. */
  readonly log: LogIdentity;
  readonly head: number;
  /** The oldest. */
  readonly deadLetters: readonly DeadLetter[];
}

const shownLetters = 20;

/** Every consumer, by name. */
export async function listConsumers(stores: ConsumerStores): Promise<readonly ConsumerStatus[]> {
  const consumers = await stores.consumers.consumers();
  return Promise.all(consumers.map((consumer) => statusOf(stores, consumer)));
}

/** A consumer with its oldest dead letters. Throws `NotFound`. */
export async function showConsumer(stores: ConsumerStores, name: string): Promise<ShownConsumer> {
  const consumer = await stores.consumers.consumer(name);
  const [status, { position: head, log }, deadLetters] = await Promise.all([
    statusOf(stores, consumer),
    stores.log.head(),
    stores.consumers.deadLetters({ consumer: name, limit: shownLetters }),
  ]);
  return { consumer: status, log, head, deadLetters };
}

export async function statusOf(stores: Pick<ConsumerStores, 'log' | 'clock'>, consumer: Consumer): Promise<ConsumerStatus> {
  const { log } = stores;
  const { position: head } = await log.head();
  const lag = await projectionLag(log, { head, position: consumer.position, now: await nowOf(stores) });
  return { ...consumer, state: stateOf(consumer), lag };
}

/** For cron and monitoring: does somebody have to look? */
export function consumerNeedsAttention({ state, dead }: ConsumerStatus): boolean {
  return dead > 0 || state === 'failing' || state === 'orphaned';
}

function stateOf({ paused, owner, failing }: Consumer): ConsumerState {
  if (paused !== undefined) return 'paused';
  if (owner === undefined) return 'orphaned';
  return failing === undefined ? 'delivering' : 'failing';
}
