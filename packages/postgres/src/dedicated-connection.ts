import pg from 'pg';
import type { Pool } from './pool.ts';

/** One connection with a pool's settings, outside the pool: opened when needed, and anew after it was lost. */
export class DedicatedConnection {
  readonly #pool: Pool;
  #client: Promise<pg.Client> | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The open connection; opens one if there is none, and calls `onLost` when that ends. Throws what connecting throws. */
  open(onLost?: () => void): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    const opening = connect(this.#pool, () => {
      if (this.#client === opening) this.#client = undefined;
      onLost?.();
    });
    this.#client = opening;
    return opening;
  }

  /** Gives the connection up, whatever state it is in. */
  drop(): void {
    this.close().catch(() => undefined); // it may be half dead: there is nothing left to lose
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.then((open) => open.end());
  }
}

async function connect(pool: Pool, onEnd: () => void): Promise<pg.Client> {
  const client = new pg.Client(pool.options);
  client.on('error', () => undefined); // the query under way, or the next, reports what is wrong
  client.once('end', onEnd);
  try {
    await client.connect();
    return client;
  } catch (error) {
    onEnd();
    throw error;
  }
}
