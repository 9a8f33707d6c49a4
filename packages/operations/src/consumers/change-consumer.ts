import { isKirokuError, type JsonValue, KirokuError } from '@kiroku/core';
import { forgetSecret, newSecret, openSecrets, sealSecret } from '@kiroku/engine';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import { type ConsumerStatus, type ShownConsumer, showConsumer, statusOf } from './consumer-status.ts';
import type { ConsumerStores } from './consumer-stores.ts';

/** Whose, and on whose behalf. */
export interface ConsumerChange {
  readonly name: string;
  readonly operator: Operator;
}

/** Pauses a consumer, or lets it go on; what waits to be tried again is then due at once. Recorded in the audit log. Throws `NotFound`. */
export async function pauseConsumer(
  stores: ConsumerStores,
  { name, paused, operator }: ConsumerChange & { readonly paused: boolean },
): Promise<ConsumerStatus> {
  const before = await stores.consumers.consumer(name);
  return recordedRun(stores.audit, operator, {
    verb: `consumer ${paused ? 'pause' : 'resume'}`,
    arguments: { name },
    before: async () => ({ paused: before.paused?.reason ?? null }),
    run: async () => {
      await stores.consumers.setPaused(name, paused ? (operator.reason ?? `by ${operator.name}`) : undefined);
      if (!paused) await stores.consumers.hurry(before);
      return statusOf(stores, await stores.consumers.consumer(name));
    },
    after: (after) => ({ paused: after.paused?.reason ?? null }),
  });
}

/** What a rewind leads to. */
export interface RewindPlan {
  readonly name: string;
  readonly from: number;
  /** What follows is delivered again. */
  readonly to: number;
  /** Up to there. */
  readonly head: number;
}

/** Throws `BadRequest` if a rewind would leave events out. A position of another log, or of the time before a restore, says nothing about that. */
export function planRewind({ consumer, log, head }: Pick<ShownConsumer, 'consumer' | 'log' | 'head'>, to: number): RewindPlan {
  const { name, position: from } = consumer;
  const sameLog = consumer.log.id === log.id && consumer.log.timeline === log.timeline;
  const last = sameLog ? Math.min(from, head) : head;
  if (Number.isSafeInteger(to) && to >= 0 && to <= last) return { name, from, to, head };
  throw new KirokuError(
    'BadRequest',
    `${name} cannot be rewound to ${to}: it is at ${from}, and the log ends at ${head}. Give a position from 0 to ${last}.`,
  );
}

/** Has a consumer get again what follows a position of the present log. Recorded in the audit log. Throws `NotFound` and `BadRequest`. */
export async function rewindConsumer(
  stores: ConsumerStores,
  { name, to, operator }: ConsumerChange & { readonly to: number },
): Promise<ConsumerStatus> {
  const plan = planRewind(await showConsumer(stores, name), to);
  return recordedRun(stores.audit, operator, {
    verb: 'consumer rewind',
    arguments: { name, to },
    before: async () => ({ position: plan.from }),
    run: async () => {
      await stores.consumers.rewind(name, { position: to, log: (await stores.log.head()).log });
      return statusOf(stores, await stores.consumers.consumer(name));
    },
    after: ({ position }) => ({ position }),
  });
}

/** A new secret: this is the only time that it is told. */
export interface RotatedSecret {
  readonly name: string;
  readonly secret: string;
  /** ISO 8601: until when messages are signed with the one before too. */
  readonly previousUntil?: string;
}

/** Gives a consumer a new secret; the one before is good for some hours more. Recorded in the audit log. Throws `NotFound`. */
export async function rotateSecret(
  stores: ConsumerStores,
  { name, overlapHours = 24, operator }: ConsumerChange & { readonly overlapHours?: number },
): Promise<RotatedSecret> {
  const { id } = await stores.consumers.consumer(name);
  return recordedRun(stores.audit, operator, {
    verb: 'consumer rotate-secret',
    arguments: { name, overlapHours },
    run: async () => {
      const previous = overlapHours > 0 ? await goodSecret(stores, { id, name }) : undefined;
      const secret = newSecret();
      const current = await sealSecret(stores.keys, id, secret);
      const until = new Date(Date.now() + overlapHours * 3_600_000).toISOString();
      await stores.consumers.setSecrets(name, { current, ...(previous && { previous: { secret: previous, until } }) });
      return { name, secret, ...(previous && { previousUntil: until }) };
    },
    after: ({ previousUntil }): JsonValue => ({ previousUntil: previousUntil ?? null }),
  });
}

/** Removes a consumer with its messages, and destroys its secret. Recorded in the audit log. Throws `NotFound`. */
export async function removeConsumer(stores: ConsumerStores, { name, operator }: ConsumerChange): Promise<ConsumerStatus> {
  const consumer = await stores.consumers.consumer(name);
  const { id, url, position, waiting, dead } = consumer;
  return recordedRun(stores.audit, operator, {
    verb: 'consumer remove',
    arguments: { name },
    before: async () => ({ id, url, position, waiting, dead }),
    run: async () => {
      const status = await statusOf(stores, consumer);
      await stores.consumers.remove(name);
      await forgetSecret(stores.keys, id);
      return status;
    },
  });
}

/** The present secret, sealed, if it can still be opened. */
async function goodSecret({ consumers, keys }: ConsumerStores, { id, name }: { readonly id: string; readonly name: string }) {
  const { current } = await consumers.secrets(name);
  try {
    await openSecrets(keys, { consumer: id, secrets: { current }, now: Date.now() });
    return current;
  } catch (error) {
    if (isKirokuError(error, 'KeyMissing')) return undefined;
    throw error;
  }
}
