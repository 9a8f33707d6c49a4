import { Cron } from 'croner';
import type { OnProgress } from './progress.ts';

export interface ScheduledTask {
  /** For people: `The backup`. */
  readonly name: string;
  /** The fields of a crontab; local time. */
  readonly schedule: string;
  /** Answers in one line what was done. */
  readonly run: (signal: AbortSignal) => Promise<string>;
}

export interface KeptScheduleOptions {
  readonly tasks: readonly ScheduledTask[];
  readonly onProgress: OnProgress;
}

/** Does tasks at their times, one at a time. One that takes longer than until its next time leaves that out; one that fails is told, and is due again at its next time. */
export class KeptSchedule {
  readonly #options: KeptScheduleOptions;
  readonly #stopping = new AbortController();
  #timers: readonly Cron[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(options: KeptScheduleOptions) {
    this.#options = options;
  }

  start(): void {
    // protected: a time that comes while the task runs, or waits for another, is left out
    this.#timers = this.#options.tasks.map((task) => new Cron(task.schedule, { protect: true }, () => this.#queue(task)));
  }

  /** Ends the task under way, and returns when it has. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) timer.stop();
    await this.#running;
  }

  #queue(task: ScheduledTask): Promise<void> {
    this.#running = this.#running.then(() => this.#run(task));
    return this.#running;
  }

  async #run({ name, run }: ScheduledTask): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const { onProgress } = this.#options;
    try {
      onProgress({ kind: 'step', text: await run(signal) });
    } catch (error) {
      if (signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      onProgress({ kind: 'notice', text: `${name} that was due could not be made; it is tried again at its next time. ${why}` });
    }
  }
}
