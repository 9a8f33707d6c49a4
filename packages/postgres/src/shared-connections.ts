import pg from 'pg';
import { toKirokuError } from './errors.ts';
import { noteFaultOf } from './naming-faults.ts';
import type { Pool } from './pool.ts';
import { sendWithoutWaiting } from './send-without-waiting.ts';

/** Few, so that each finds several statements when it looks: a connection that wakes for one costs as much again as the statement. */
const mostConnections = 3;
/** On one connection. What is more waits for a connection of its own, as the pool tells it. */
const mostWaiting = 16;
/** A statement was sent right behind the one that should have prepared it, and could not. */
const unprepared = '26000';

/** A connection of the pool, for as long as somebody waits for it. */
interface Shared {
  readonly client: Promise<pg.PoolClient>;
  waiting: number;
  isBroken: boolean;
}

/**
 * Quick statements over few connections of a pool: each is sent without waiting for the answers to those before it, and waits for them. So it must be
 * quick whatever its values are, and no part of a transaction.
 */
export class SharedConnections {
  readonly #pool: Pool;
  readonly #open = new Set<Shared>();

  /** Connections that the pool opens from now on send without waiting. */
  constructor(pool: Pool) {
    this.#pool = sendWithoutWaiting(pool);
  }

  /** The rows of a statement. Throws `KirokuError`s. */
  async rows<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<readonly Row[]> {
    const shared = this.#leastUsed();
    if (shared === undefined) return this.#alone(statement);
    try {
      return await this.#sent<Row>(shared, statement);
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === unprepared) return this.#alone(statement); // which says what is wrong with it
      noteFaultOf(this.#pool, error);
      throw toKirokuError(error);
    }
  }

  /** `undefined`: all are in use by as many as they take. */
  #leastUsed(): Shared | undefined {
    const [least] = [...this.#open].sort((a, b) => a.waiting - b.waiting);
    if (least === undefined || (least.waiting > 0 && this.#open.size < mostConnections)) return this.#another();
    return least.waiting < mostWaiting ? least : undefined;
  }

  #another(): Shared {
    const shared: Shared = { client: this.#pool.connect(), waiting: 0, isBroken: false };
    this.#open.add(shared);
    return shared;
  }

  async #sent<Row extends pg.QueryResultRow>(shared: Shared, statement: pg.QueryConfig): Promise<readonly Row[]> {
    shared.waiting++;
    try {
      const client = await shared.client;
      const { rows } = await client.query<Row>(statement);
      return rows;
    } catch (error) {
      shared.isBroken ||= !(error instanceof pg.DatabaseError) || error.severity === 'FATAL';
      throw error;
    } finally {
      shared.waiting--;
      this.#giveBack(shared);
    }
  }

  /** When nobody waits for it any more; a broken one takes nothing new until then. */
  #giveBack(shared: Shared): void {
    if (shared.isBroken || shared.waiting === 0) this.#open.delete(shared);
    if (shared.waiting > 0) return;
    shared.client.then(
      (client) => client.release(shared.isBroken),
      () => undefined, // there is none: who waited for it was told
    );
  }

  async #alone<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(statement)).rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }
}
