import type { LogIdentity, Projection, ProjectionBatch, ReadModelAdvance, ReadModelStore } from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { applyBatch } from './apply-batch.ts';
import { listenForAdvances } from './listen-for-advances.ts';
import { prepareProjection } from './prepare-projection.ts';

const pruneEvery = 1_000;

/** Read models in query_db: a schema per projection version, and all checkpoints in `kiroku.checkpoints`. */
export class PostgresReadModelStore implements ReadModelStore {
  readonly #pool: Pool;
  readonly #unpruned = new Map<string, { readonly from: number; readonly batches: number }>();

  /** The pool is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  prepare(projection: Projection, log: LogIdentity): Promise<void> {
    return prepareProjection(this.#pool, projection, log);
  }

  async checkpoint({ name, version }: Projection): Promise<number> {
    const latest = await this.#query<{ position: number }>('read_models/read_checkpoint', [name, version]);
    return latest[0]?.position ?? 0;
  }

  async apply(batch: ProjectionBatch): Promise<void> {
    await applyBatch(this.#pool, batch);
    await this.#prune(batch);
  }

  advances(signal: AbortSignal): AsyncIterable<ReadModelAdvance> {
    return listenForAdvances(this.#pool, signal);
  }

  /** Removes outdated checkpoints now and then; the first of a process removes what its predecessors left. */
  async #prune({ projection: { name, version }, position }: ProjectionBatch): Promise<void> {
    const id = `${name}_v${version}`;
    const { from, batches } = this.#unpruned.get(id) ?? { from: 0, batches: pruneEvery };
    const due = batches >= pruneEvery;
    this.#unpruned.set(id, due ? { from: position, batches: 0 } : { from, batches: batches + 1 });
    // the batch is applied: a prune that fails is no reason to say otherwise, the next one does it
    if (due) await this.#query('read_models/prune_advances', [name, version, from, position]).catch(() => undefined);
  }

  async #query<R extends object>(name: string, values: readonly unknown[]): Promise<R[]> {
    try {
      const { rows } = await this.#pool.query<R>({ ...statement(name), values: [...values] });
      return rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }
}
