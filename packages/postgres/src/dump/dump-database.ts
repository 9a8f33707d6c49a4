import type pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { createPool, type Pool } from '../pool.ts';
import { findTool } from '../server-tools/find-tool.ts';
import { toolOutput } from '../server-tools/run-tool.ts';
import { toolConnection } from '../server-tools/tool-connection.ts';

export interface DumpOptions {
  /** Of the database, as a role that may read all of it. */
  readonly url: string;
  /** Of the server. */
  readonly major: number;
  readonly signal?: AbortSignal;
}

interface Opened {
  readonly pool: Pool;
  readonly client: pg.PoolClient;
  readonly snapshot: string;
  readonly tool: string;
}

/** A database as it is at one moment, while it is in use. */
export class DatabaseDump implements AsyncDisposable {
  readonly #options: DumpOptions;
  readonly #pool: Pool;
  readonly #client: pg.PoolClient;
  readonly #snapshot: string;
  readonly #tool: string;

  private constructor(options: DumpOptions, opened: Opened) {
    this.#options = options;
    this.#pool = opened.pool;
    this.#client = opened.client;
    this.#snapshot = opened.snapshot;
    this.#tool = opened.tool;
  }

  /** Fixes the moment. Until it is disposed a snapshot is held. Throws `ToolMissing`, `DatabaseUnavailable`. */
  static async open(options: DumpOptions): Promise<DatabaseDump> {
    const tool = await findTool('pg_dump', options.major);
    const pool = createPool({ url: options.url, applicationName: 'kiroku-backup', max: 1 });
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      await client.query('begin isolation level repeatable read read only');
      const { rows } = await client.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
      return new DatabaseDump(options, { pool, client, snapshot: rows[0]?.snapshot ?? '', tool });
    } catch (error) {
      client?.release(true);
      await pool.end();
      throw toKirokuError(error);
    }
  }

  /** Sees just what the dump holds. */
  get connection(): Pick<Pool, 'query'> {
    return this.#client;
  }

  /** In pg_dump's custom format, not compressed: whoever keeps it compresses better, and several pieces at a time. Throws `ToolFailed` at the end. */
  content(): AsyncIterable<Uint8Array> {
    const { url, signal } = this.#options;
    const { uri, env } = toolConnection(url);
    return toolOutput({
      file: this.#tool,
      args: ['--format=custom', '--compress=none', `--snapshot=${this.#snapshot}`, '--no-password', '-d', uri],
      env,
      ...(signal !== undefined && { signal }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.release(true); // with its snapshot
    await this.#pool.end();
  }
}
