import pg from 'pg';
import { noteDatabase } from './naming-faults.ts';
import type { Pool } from './pool.ts';

export interface DedicatedConnectionOptions {
  /** Statements are sent without waiting for the answers to those before. Default false. */
  readonly pipeline?: boolean;
  /** Done with a new connection before it is used; if it throws, there is none. */
  readonly onConnect?: (client: pg.Client) => Promise<unknown> | unknown;
}

/** One connection with a pool's settings, outside the pool: opened when needed, and anew after it was lost. */
export class DedicatedConnection {
  readonly #config: pg.ClientConfig;
  readonly #onConnect: (client: pg.Client) => Promise<unknown> | unknown;
  #client: Promise<pg.Client> | undefined;

  constructor(pool: Pool, { pipeline = false, onConnect = () => undefined }: DedicatedConnectionOptions = {}) {
    this.#onConnect = onConnect;
    this.#config = pipeline ? { ...pool.options, pipeline } : pool.options;
  }

  /** The open connection; opens one if there is none, and calls `onLost` when that ends. Throws what connecting throws. */
  open(onLost?: () => void): Promise<pg.Client> {
    if (this.#client !== undefined) return this.#client;
    const opening = this.#connect(() => {
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

  async #connect(onEnd: () => void): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    const note = (fault: unknown) => noteDatabase(fault, this.#config.connectionString ?? '');
    client.on('error', note); // the query under way, or the next, reports what is wrong
    client.once('end', onEnd);
    try {
      await client.connect();
      await this.#onConnect(client);
      return client;
    } catch (error) {
      onEnd();
      note(error);
      client.end().catch(() => undefined); // it may never have been open
      throw error;
    }
  }
}
