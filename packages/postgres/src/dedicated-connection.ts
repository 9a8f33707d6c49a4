import pg from 'pg';
import type { Pool } from './pool.ts';

/** One connection with a pool's settings, outside the pool: opened when needed, and anew after it was lost. */
export class DedicatedConnection {
  readonly #config: pg.ClientConfig;
  #client: Promise<pg.Client> | undefined;

  /** `pipeline`: statements are sent without waiting for the answers to those before. */
  constructor(pool: Pool, { pipeline = false }: { readonly pipeline?: boolean } = {}) {
    this.#config = pipeline ? { ...pool.options, pipeline } : pool.options;
  }

  /** The open connection; opens one if there is none, and calls `onLost` when that ends. Throws what connecting throws. */
  open(onLost?: () => void): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    const opening = connect(this.#config, () => {
      if (this.#client === opening) this.#client = undefined;
      onLost?.();
    });
    this.#client = opening;
    return opening;
  }

  /** Gives the connection up, whatever state it is in; with `lost`, only if it is still that one. */
  drop(lost?: pg.Client): void {
    const client = this.#client;
    if (client === undefined) return;
    const close = async (): Promise<void> => {
      const open = await client;
      if (lost !== undefined && open !== lost) return;
      if (this.#client === client) this.#client = undefined;
      await open.end();
    };
    close().catch(() => undefined); // it may be half dead: there is nothing left to lose
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.then((open) => open.end());
  }
}

async function connect(config: pg.ClientConfig, onEnd: () => void): Promise<pg.Client> {
  const client = new pg.Client(config);
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
