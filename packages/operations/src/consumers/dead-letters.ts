import { type DeadLetter, KirokuError } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import { readLetterPlace } from '../list-places/list-places.ts';
import type { ConsumerChange } from './change-consumer.ts';
import type { ConsumerStores } from './consumer-stores.ts';

/** Dead letters that are to be settled. */
export interface DeadLetterChoice {
  readonly name: string;
  readonly verb: 'retry' | 'discard';
  readonly positions: readonly number[] | 'all';
}

/** More than a consumer can have: with 1,000 it is paused. */
export const mostLetters = 10_000;

export interface LetterFilter {
  /** Default: of all. */
  readonly consumer?: string;
  /** Where a list before ended: `letterPlace` of its last letter. */
  readonly after?: string;
  readonly limit: number;
}

/** Dead letters, oldest first. Throws `NotFound`, and `BadRequest` for a place that is none. */
export async function listDeadLetters({ consumers }: ConsumerStores, { after, ...filter }: LetterFilter): Promise<readonly DeadLetter[]> {
  const place = after === undefined ? {} : { after: readLetterPlace(after) };
  if (filter.consumer !== undefined) await consumers.consumer(filter.consumer);
  return consumers.deadLetters({ ...filter, ...place });
}

/** Which ones would be settled, of all that the consumer has. Throws `NotFound` if one is not there. */
export function planDeadLetters(letters: readonly DeadLetter[], { name, positions }: DeadLetterChoice): readonly DeadLetter[] {
  if (positions === 'all') return letters;
  return positions.map((position) => {
    const letter = letters.find((each) => each.position === position);
    if (letter !== undefined) return letter;
    throw new KirokuError(
      'NotFound',
      `${name} has no dead letter at ${position}. \`kiroku consumer dead list ${name}\` shows which there are.`,
    );
  });
}

/**
 * Makes dead letters due again, or forgets them for good; either way what waits behind them goes on. Recorded in the audit log. Throws `NotFound`,
 * and `BadRequest` if they are to be discarded without a reason.
 */
export async function settleDeadLetters(
  stores: ConsumerStores,
  { operator, ...choice }: DeadLetterChoice & ConsumerChange,
): Promise<readonly DeadLetter[]> {
  const { name, verb } = choice;
  if (verb === 'discard' && operator.reason === undefined) {
    throw new KirokuError('BadRequest', 'Discarding leaves an event out for good at the consumer, so it needs a --reason.');
  }
  const letters = planDeadLetters(await listDeadLetters(stores, { consumer: name, limit: mostLetters }), choice);
  if (letters.length === 0) return letters;
  const positions = letters.map(({ position }) => position);
  return recordedRun(stores.audit, operator, {
    verb: `consumer dead ${verb}`,
    arguments: { name, positions },
    before: async () => letters.map(({ position, eventId, error }) => ({ position, eventId, error })),
    run: async () => {
      const settled =
        verb === 'retry' ? await stores.consumers.retryDead(name, positions) : await stores.consumers.discardDead(name, positions);
      return letters.filter(({ position }) => settled.includes(position));
    },
    after: (settled) => settled.map(({ position }) => position),
  });
}
