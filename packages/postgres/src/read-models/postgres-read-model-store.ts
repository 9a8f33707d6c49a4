import type {
  ActiveBuild,
  Attendance,
  LogIdentity,
  ParkedAddress,
  ParkedKeyStore,
  ParkedQueue,
  PartitionCheckpoint,
  PartitionLease,
  Projection,
  ProjectionBatch,
  ReadModelAdvance,
  ReadModelStore,
  SettleParked,
} from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { applyBatch, type PassOvers, passOvers } from './apply-batch.ts';
import { attend } from './attend.ts';
import { listenForAdvances } from './listen-for-advances.ts';
import { prepareProjection } from './prepare-projection.ts';
import { readParked, settleParked } from './settle-parked.ts';
import { storableText } from './storable-text.ts';

const pruneEvery = 1_000;

interface StoredCheckpoint {
  readonly build: number;
  readonly partition: number;
  readonly position: number;
  readonly updated_at: string;
  readonly epoch: number;
  readonly owner: string | null;
  readonly stalled_reason: string | null;
  readonly stalled_since: string | null;
}

/** Read models in query_db: a schema per build, and all checkpoints in `kiroku.checkpoints`. */
export class PostgresReadModelStore implements ReadModelStore, ParkedKeyStore {
  readonly #pool: Pool;
  readonly #passing: PassOvers;
  readonly #unpruned = new Map<string, { readonly from: number; readonly batches: number }>();

  /** The pool is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
    this.#passing = passOvers(pool);
  }

  prepare(projection: Projection, log: LogIdentity): Promise<void> {
    return prepareProjection(this.#pool, projection, log);
  }

  attend(attendance: Attendance): Promise<readonly (PartitionLease & { readonly position: number })[]> {
    return attend(this.#pool, attendance);
  }

  async leave(instance: string): Promise<void> {
    await rowsOf(this.#pool, 'read_models/sign_off', [instance]);
  }

  async checkpoint(projection: Projection): Promise<number> {
    const partitions = await this.checkpoints(projection);
    return partitions.length === 0 ? 0 : Math.min(...partitions.map(({ position }) => position));
  }

  async active({ name, version }: Projection): Promise<ActiveBuild | undefined> {
    const rows = await rowsOf<StoredCheckpoint>(this.#pool, 'read_models/list_checkpoints', [name, version, null]);
    const [first] = rows;
    return first && { build: first.build, partitions: rows.map(toCheckpoint) };
  }

  async checkpoints({ name, version }: Projection, build?: number): Promise<readonly PartitionCheckpoint[]> {
    const rows = await rowsOf<StoredCheckpoint>(this.#pool, 'read_models/list_checkpoints', [name, version, build ?? null]);
    return rows.map(toCheckpoint);
  }

  async apply(batch: ProjectionBatch): Promise<void> {
    await applyBatch(this.#pool, this.#passing, batch);
    await this.#prune(batch);
  }

  async stall({ projection, build, partition, epoch }: PartitionLease, reason?: string): Promise<void> {
    const storable = reason === undefined ? null : storableText(reason);
    await rowsOf(this.#pool, 'read_models/note_stall', [projection.name, projection.version, build, partition, epoch, storable]);
  }

  advances(signal: AbortSignal, onListening?: (isListening: boolean) => void): AsyncIterable<ReadModelAdvance> {
    return listenForAdvances(this.#pool, signal, onListening);
  }

  async parked(address: ParkedAddress): Promise<ParkedQueue | undefined> {
    try {
      return await readParked(this.#pool, address);
    } catch (error) {
      throw toKirokuError(error);
    }
  }

  settleParked(settle: SettleParked): Promise<void> {
    return settleParked(this.#pool, settle);
  }

  /** Removes outdated checkpoints now and then; the first of a process removes what its predecessors left. */
  async #prune({ lease: { projection, build, partition }, position }: ProjectionBatch): Promise<void> {
    const { name, version } = projection;
    const id = `${name} ${version} ${build} ${partition}`;
    const { from, batches } = this.#unpruned.get(id) ?? { from: 0, batches: pruneEvery };
    const due = batches >= pruneEvery;
    this.#unpruned.set(id, due ? { from: position, batches: 0 } : { from, batches: batches + 1 });
    // the batch is applied: a prune that fails is no reason to say otherwise, the next one does it
    if (due)
      await rowsOf(this.#pool, 'read_models/prune_advances', [name, version, build, partition, from, position]).catch(() => undefined);
  }
}

function toCheckpoint(row: StoredCheckpoint): PartitionCheckpoint {
  const { partition, position, updated_at: movedAt, epoch, owner, stalled_reason: reason, stalled_since: since } = row;
  const stalled = reason === null || since === null ? {} : { stalled: { reason, since } };
  return { partition, position, movedAt, epoch, ...(owner !== null && { owner }), ...stalled };
}
