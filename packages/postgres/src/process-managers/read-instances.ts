import type { InstanceStatus, JsonObject, ProcessStep } from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';

/** An instance in a list. Times are ISO 8601. */
export interface ListedInstance {
  readonly processManager: string;
  readonly id: string;
  readonly status: InstanceStatus;
  readonly failure: string | null;
  /** Where a saga stands. */
  readonly phase: string | null;
  readonly step: string | null;
  /** Why it was given up. */
  readonly reason: string | null;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
  /** Commands that wait for somebody to retry them. */
  readonly parked: number;
  /** Of the last command that is tried again, or parked; null: none has failed. */
  readonly lastError: string | null;
}

export interface InstanceFilter {
  readonly processManager?: string;
  /** `stuck`: running, with a parked command. */
  readonly status?: InstanceStatus | 'stuck';
  /** Only those that come after it in the list. */
  readonly before?: InstancePlace;
  readonly limit: number;
}

/** Where a list of instances goes on: with what moved before, or then and stands after one, which need not be there any more. */
export interface InstancePlace {
  /** ISO 8601; an instance that has ended moved when it did. */
  readonly movedAt: string;
  readonly processManager?: string;
  readonly id?: string;
}

/** Which instance is to be shown, and what of its history. */
export interface InstanceToShow {
  readonly id: string;
  /** Needed if several process managers use this id. */
  readonly processManager?: string;
  /** Lines of its history at most, the last ones. Default 200. */
  readonly lines?: number;
  /** Only lines before this number. */
  readonly before?: number;
}

/** An instance with what is known of it. Times are ISO 8601. */
export interface ShownInstance {
  readonly processManager: string;
  readonly id: string;
  readonly status: InstanceStatus;
  readonly failure: string | null;
  readonly state: JsonObject;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
  /** The last lines of it, oldest first. */
  readonly history: readonly {
    readonly number: number;
    readonly at: string;
    /** `fault`: written by earlier releases. */
    readonly kind: ProcessStep['kind'] | 'fault';
    readonly what: string;
    readonly reference: string | null;
  }[];
  /** There are earlier lines, before this number; `null`: these are all. */
  readonly historyBefore: number | null;
  /** Sent, and without an outcome. */
  readonly commands: readonly {
    readonly id: string;
    readonly type: string;
    readonly sentAt: string;
    readonly attempts: number;
    readonly parked: boolean;
    readonly lastError: string | null;
  }[];
  readonly timers: readonly { readonly name: string; readonly dueAt: string }[];
}

export interface ProcessManagerStats {
  readonly processManager: string;
  readonly started: number;
  readonly running: number;
  readonly completed: number;
  readonly compensated: number;
  readonly failed: number;
  /** Running, with a parked command. */
  readonly stuck: number;
  /** ISO 8601: since when the oldest runs. */
  readonly oldestRunning: string | null;
}

/** The latest instances. `pool` is of command_db. Throws `DatabaseUnavailable`. */
export function listInstances(pool: Pool, { processManager, status, before, limit }: InstanceFilter): Promise<readonly ListedInstance[]> {
  const place = [before?.movedAt ?? null, before?.processManager ?? null, before?.id ?? null];
  return read<ListedInstance>(pool, 'list_instances', [processManager ?? null, status ?? null, limit, ...place]);
}

/** The instances of this id; several if several process managers use it. `pool` is of command_db. Throws `DatabaseUnavailable`. */
export async function findInstances(
  pool: Pool,
  { id, processManager, lines = 200, before }: InstanceToShow,
): Promise<readonly ShownInstance[]> {
  const found = await read<Omit<ShownInstance, 'history' | 'historyBefore' | 'commands' | 'timers'>>(pool, 'find_instances', [
    id,
    processManager ?? null,
  ]);
  return Promise.all(
    found.map(async (instance) => {
      const key = [instance.processManager, instance.id];
      const [history, commands, timers] = await Promise.all([
        read<ShownInstance['history'][number]>(pool, 'read_history', [...key, lines + 1, before ?? null]), // one more tells whether there are more
        read<ShownInstance['commands'][number]>(pool, 'read_open_commands', key),
        read<ShownInstance['timers'][number]>(pool, 'read_timers', key),
      ]);
      return { ...instance, ...lastOf(history, lines), commands, timers };
    }),
  );
}

function lastOf(history: ShownInstance['history'], lines: number): Pick<ShownInstance, 'history' | 'historyBefore'> {
  const shown = history.slice(Math.max(0, history.length - lines));
  return { history: shown, historyBefore: history.length > lines ? (shown[0]?.number ?? null) : null };
}

/** How many instances there are, and how they ended. `pool` is of command_db. Throws `DatabaseUnavailable`. */
export function readProcessManagerStats(pool: Pool): Promise<readonly ProcessManagerStats[]> {
  return read<ProcessManagerStats>(pool, 'read_stats', []);
}

/** Instances that have failed, and those under way with a parked command; up to 1,000 of each. `pool` is of command_db. Throws `DatabaseUnavailable`. */
export async function countForPeople(pool: Pool): Promise<{ readonly failed: number; readonly stuck: number }> {
  const [counted] = await read<{ failed: number; stuck: number }>(pool, 'count_for_people', []);
  return counted ?? { failed: 0, stuck: 0 };
}

async function read<Row extends object>(pool: Pool, name: string, values: readonly unknown[]): Promise<Row[]> {
  try {
    const { rows } = await pool.query<Row>({ ...statement(`process_managers/${name}`), values: [...values] });
    return rows;
  } catch (error) {
    throw toKirokuError(error);
  }
}
