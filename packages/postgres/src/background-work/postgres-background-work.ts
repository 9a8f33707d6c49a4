import { createPool, type Pool } from '../pool.ts';
import { RecentWindow } from '../process-managers/recent-window.ts';
import { rowsOf } from '../rows-of.ts';
import type { BackgroundWork, ConsumerWork, OpenJob, ProcessManagerWork, WorkLag } from './background-work.ts';

export interface BackgroundWorkOptions {
  /** URLs. */
  readonly databases: { readonly event_store: string; readonly command_db: string };
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** For connecting and for each answer, milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

/** Looks at what works in the background, over one connection to each database. Connects when first used. */
export class PostgresBackgroundWork implements AsyncDisposable {
  readonly #events: Pool;
  readonly #commands: Pool;
  readonly #timers = new RecentWindow();
  readonly #deliveries = new RecentWindow();

  constructor({ databases, applicationName, timeoutMs = 2_000 }: BackgroundWorkOptions) {
    const pool = (url: string) => createPool({ url, applicationName, max: 1, connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs });
    this.#events = pool(databases.event_store);
    this.#commands = pool(databases.command_db);
  }

  /** Of these process managers, and of all jobs and consumers. Throws `DatabaseUnavailable`. */
  async look(processManagers: readonly string[]): Promise<BackgroundWork> {
    const followed = await this.#read<ProcessManagerWork>('read_process_managers', [processManagers]);
    const consumers = await this.#read<ConsumerWork>('read_consumers');
    const timers = await this.#overdueTimers(processManagers);
    const commandOverdueSeconds = await this.#overdueCommand();
    const jobs = await this.#read<OpenJob>('list_open_jobs');
    // after the positions: an event that is appended between is a lag, and none is missed
    const lags = await this.#lags([...followed, ...consumers].map(({ position }) => position));
    return {
      processManagers: followed.map((each) => {
        const timerOverdueSeconds = timers.get(each.name);
        return { ...each, ...lagOf(lags, each), ...(timerOverdueSeconds !== undefined && { timerOverdueSeconds }) };
      }),
      consumers: consumers.map((each) => ({ ...each, ...lagOf(lags, each) })),
      jobs,
      ...(commandOverdueSeconds !== undefined && { commandOverdueSeconds }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#events.end(), this.#commands.end()]);
  }

  async #overdueTimers(processManagers: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const look = this.#timers.next();
    const found = await this.#read<{ name: string; overdueSeconds: number }>('read_overdue_timers', [processManagers, look.sinceMs]);
    if (found.length === 0) look.foundAll();
    return new Map(found.map(({ name, overdueSeconds }) => [name, overdueSeconds]));
  }

  async #overdueCommand(): Promise<number | undefined> {
    const look = this.#deliveries.next();
    const [found] = await this.#read<{ overdueSeconds: number }>('read_overdue_command', [look.sinceMs]);
    if (found === undefined) look.foundAll();
    return found?.overdueSeconds;
  }

  async #lags(positions: readonly number[]): Promise<ReadonlyMap<number, WorkLag>> {
    const rows = await rowsOf<WorkLag & { position: number }>(this.#events, 'background_work/read_lags', [positions]);
    return new Map(rows.map(({ position, events, seconds }) => [position, { events, seconds }]));
  }

  async #read<T extends object>(name: string, values: readonly unknown[] = []): Promise<readonly T[]> {
    const rows = await rowsOf<Nullable<T>>(this.#commands, `background_work/${name}`, values);
    return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T); // what is null is absent
  }
}

function lagOf(lags: ReadonlyMap<number, WorkLag>, { position }: { readonly position: number }): WorkLag {
  return lags.get(position) ?? { events: 0, seconds: 0 };
}
