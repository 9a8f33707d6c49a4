import {
  type Consumer,
  type ConsumerLease,
  type ConsumerStore,
  type DeadLetter,
  type DeliveryFault,
  type DueMessage,
  KirokuError,
  type LogIdentity,
  type NewConsumer,
  type SealedSecrets,
  type SettledMessages,
} from '@kiroku/core';
import type pg from 'pg';
import { preferIndexes } from '../event-store/prefer-indexes.ts';
import type { Pool } from '../pool.ts';
import { storableText } from '../read-models/storable-text.ts';
import { rowsOf } from '../rows-of.ts';
import { inTransaction } from '../transaction.ts';
import { type ConsumerRow, type LeaseRow, type SecretsRow, toConsumer, toLease, toSecrets } from './consumer-row.ts';
import { advanceConsumer, haveNextTakeTurn, lockHeld, settleMessages } from './settle-messages.ts';

const pruneEvery = 100;

/** Consumers in command_db, how far they are, and the messages that could not be delivered. */
export class PostgresConsumerStore implements ConsumerStore {
  readonly #pool: Pool;
  readonly #unpruned = new Map<string, { readonly from: number; readonly moves: number }>();

  /** The pool, made with `createPool` for this store alone, is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = preferIndexes(pool);
  }

  async add({ filter, terms, secrets, log, ...consumer }: NewConsumer): Promise<void> {
    const { id, name, url, reveal, position, createdBy } = consumer;
    const { timeoutMs, concurrency, maxAttempts, maxAgeSeconds } = terms;
    const chosen = [filter.types, filter.categories, filter.tags];
    const sending = [reveal, timeoutMs, concurrency, maxAttempts, maxAgeSeconds, JSON.stringify(secrets.current)];
    const values = [id, name, url, ...chosen, ...sending, log.id, log.timeline, createdBy, position];
    const added = await rowsOf(this.#pool, 'consumers/insert_consumer', values);
    if (added.length > 0) return;
    throw new KirokuError('ConsumerExists', `There is a consumer ${name} already. Take another name, or remove that one first.`);
  }

  async consumers(): Promise<readonly Consumer[]> {
    return (await rowsOf<ConsumerRow>(this.#pool, 'consumers/list_consumers', [null])).map(toConsumer);
  }

  async consumer(name: string): Promise<Consumer> {
    const [row] = await rowsOf<ConsumerRow>(this.#pool, 'consumers/list_consumers', [name]);
    if (row === undefined) throw unknownConsumer(name);
    return toConsumer(row);
  }

  async secrets(name: string): Promise<SealedSecrets> {
    const [row] = await rowsOf<SecretsRow>(this.#pool, 'consumers/read_secrets', [name]);
    if (row === undefined) throw unknownConsumer(name);
    return toSecrets(row);
  }

  setPaused(name: string, reason: string | undefined): Promise<void> {
    return this.#change(
      name,
      async (client, id) => void (await rowsOf(client, 'consumers/pause_consumer', [id, reason && storableText(reason)])),
    );
  }

  rewind(name: string, { position, log }: { readonly position: number; readonly log: LogIdentity }): Promise<void> {
    return this.#change(name, async (client, id) => {
      await rowsOf(client, 'consumers/write_log', [id, log.id, log.timeline]);
      await rowsOf(client, 'consumers/delete_messages_after', [id, position]);
      await rowsOf(client, 'consumers/delete_advances', [id]);
      await rowsOf(client, 'consumers/move_position', [id, position]);
    });
  }

  setSecrets(name: string, { current, previous }: SealedSecrets): Promise<void> {
    const before = previous === undefined ? [null, null] : [JSON.stringify(previous.secret), previous.until];
    return this.#change(name, async (client, id) => {
      await rowsOf(client, 'consumers/write_secrets', [id, JSON.stringify(current), ...before]);
    });
  }

  remove(name: string): Promise<void> {
    return this.#change(name, async (client, id) => void (await rowsOf(client, 'consumers/delete_consumer', [id])));
  }

  attend({ instance, leaseMs }: { readonly instance: string; readonly leaseMs: number }): Promise<readonly ConsumerLease[]> {
    return inTransaction(this.#pool, 'begin', async (client) => {
      await rowsOf(client, 'consumers/lock_consumers');
      await rowsOf(client, 'consumers/attend', [instance, leaseMs]);
      // a statement of its own: it must see who else attends
      return (await rowsOf<LeaseRow>(client, 'consumers/lease_consumers', [instance, leaseMs])).map(toLease);
    });
  }

  async release({ id, epoch }: ConsumerLease): Promise<void> {
    await rowsOf(this.#pool, 'consumers/release', [id, epoch]);
  }

  async leave(instance: string): Promise<void> {
    await rowsOf(this.#pool, 'consumers/leave', [instance]);
  }

  async resume({ id }: ConsumerLease): Promise<{ readonly position: number; readonly blocked: readonly string[] }> {
    const [moved] = await rowsOf<{ position: number }>(this.#pool, 'consumers/read_position', [id]);
    const blocked = await rowsOf<{ stream: string }>(this.#pool, 'consumers/list_blocked', [id]);
    return { position: moved?.position ?? 0, blocked: blocked.map(({ stream }) => stream) };
  }

  async advance(options: Parameters<ConsumerStore['advance']>[0]): Promise<void> {
    await inTransaction(this.#pool, 'begin', (client) => advanceConsumer(client, options));
    await this.#pruneAdvances(options.lease.id, options.position);
  }

  async due({ lease, limit, perStream }: Parameters<ConsumerStore['due']>[0]): Promise<readonly (readonly DueMessage[])[]> {
    const rows = await rowsOf<DueMessage>(this.#pool, 'consumers/due_messages', [lease.id, limit, perStream]);
    const byStream = new Map<string, DueMessage[]>();
    for (const row of rows) {
      const others = byStream.get(row.stream);
      if (others === undefined) byStream.set(row.stream, [row]);
      else others.push(row);
    }
    return [...byStream.values()];
  }

  settle(options: { readonly lease: ConsumerLease } & SettledMessages): Promise<readonly string[]> {
    return inTransaction(this.#pool, 'begin', (client) => settleMessages(client, options));
  }

  async hurry({ id }: Pick<ConsumerLease, 'id'>): Promise<void> {
    await rowsOf(this.#pool, 'consumers/hurry', [id]);
  }

  async countBlocked({ id }: ConsumerLease): Promise<{ readonly retried: number; readonly dead: number }> {
    const [counted] = await rowsOf<{ retried: number; dead: number }>(this.#pool, 'consumers/count_blocked', [id]);
    return counted ?? { retried: 0, dead: 0 };
  }

  async noteFault({ id, epoch }: ConsumerLease, fault: DeliveryFault | undefined): Promise<void> {
    const noted = fault === undefined ? [null, null] : [fault.code, storableText(fault.error)];
    await rowsOf(this.#pool, 'consumers/note_fault', [id, epoch, ...noted]);
  }

  pauseHeld(lease: ConsumerLease, reason: string): Promise<void> {
    return inTransaction(this.#pool, 'begin', async (client) => {
      await lockHeld(client, lease);
      await rowsOf(client, 'consumers/pause_consumer', [lease.id, storableText(reason)]);
      await rowsOf(client, 'consumers/take_back', [lease.id]);
    });
  }

  deadLetters({ consumer, after, limit }: Parameters<ConsumerStore['deadLetters']>[0]): Promise<readonly DeadLetter[]> {
    return rowsOf<DeadLetter>(this.#pool, 'consumers/list_dead', [consumer, limit, after?.diedAt, after?.position, after?.consumer]);
  }

  retryDead(consumer: string, positions: readonly number[] | 'all'): Promise<readonly number[]> {
    return this.#locked(consumer, async (client, id) => {
      const values = [id, positions === 'all' ? null : positions];
      const retried = await rowsOf<{ position: number }>(client, 'consumers/retry_dead', values);
      return retried.map(({ position }) => position);
    });
  }

  discardDead(consumer: string, positions: readonly number[]): Promise<readonly number[]> {
    return this.#locked(consumer, async (client, id) => {
      const gone = await rowsOf<{ position: number; stream: string }>(client, 'consumers/discard_dead', [id, positions]);
      await haveNextTakeTurn(
        client,
        id,
        gone.map(({ stream }) => stream),
      );
      return gone.map(({ position }) => position);
    });
  }

  /** Changes a consumer; whoever delivers to it loses it, and sees the change when it takes it again. */
  #change(name: string, change: (client: pg.PoolClient, id: string) => Promise<void>): Promise<void> {
    return this.#locked(name, async (client, id) => {
      await change(client, id);
      await rowsOf(client, 'consumers/take_back', [id]);
    });
  }

  #locked<T>(name: string, work: (client: pg.PoolClient, id: string) => Promise<T>): Promise<T> {
    return inTransaction(this.#pool, 'begin', async (client) => {
      const [found] = await rowsOf<{ id: string }>(client, 'consumers/lock_named', [name]);
      if (found === undefined) throw unknownConsumer(name);
      return work(client, found.id);
    });
  }

  /** Removes outdated positions now and then; the first time of a process, what its predecessors left. */
  async #pruneAdvances(id: string, position: number): Promise<void> {
    const known = this.#unpruned.get(id) ?? { from: 0, moves: pruneEvery };
    const { from, moves } = position < known.from ? { from: 0, moves: known.moves } : known; // it was rewound
    const due = moves >= pruneEvery;
    this.#unpruned.set(id, due ? { from: position, moves: 0 } : { from, moves: moves + 1 });
    // it has moved: a prune that fails is no reason to say otherwise, the next one does it
    if (due) await rowsOf(this.#pool, 'consumers/prune_advances', [id, from, position]).catch(() => undefined);
  }
}

function unknownConsumer(name: string): KirokuError {
  return new KirokuError('NotFound', `There is no consumer ${JSON.stringify(name)}. \`kiroku consumer list\` shows which there are.`);
}
