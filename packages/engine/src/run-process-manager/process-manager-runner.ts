import type { ProcessManager, ProcessManagerStore } from '@kiroku/core';
import type { FollowerProgress } from '../follow-log/follower-status.ts';
import { type FollowOptions, LogFollower } from '../follow-log/log-follower.ts';
import { reactBatch } from './react-batch.ts';

export interface ProcessManagerRunnerOptions extends FollowOptions {
  readonly store: ProcessManagerStore;
  readonly processManager: ProcessManager;
  /** Called after each advance, e.g. to wake a `CommandDelivery`. */
  readonly onAdvance?: () => void;
}

/** Shows a process manager the log: reactions, commands to send and checkpoint change together. Several instances may run the same one. */
export class ProcessManagerRunner implements AsyncDisposable {
  readonly processManager: ProcessManager;
  readonly #follower: LogFollower;

  constructor(options: ProcessManagerRunnerOptions) {
    const { store, processManager, onAdvance } = options;
    const { name } = processManager;
    this.processManager = processManager;
    this.#follower = new LogFollower(
      {
        name,
        eventTypes: processManager.eventTypes,
        prepare: (log) => store.prepare(name, log),
        checkpoint: () => store.checkpoint(name),
        apply: async ({ events, after, position }) => {
          await store.advance({ processManager: name, after, position, ...reactBatch(processManager, events) });
          if (events.length > 0) onAdvance?.();
        },
      },
      options,
    );
  }

  /** Throws `LogMismatch`; an unreachable database only stalls it. */
  start(): Promise<void> {
    return this.#follower.start();
  }

  /** Stops after the batch in hand. */
  stop(): Promise<void> {
    return this.#follower.stop();
  }

  status(): Promise<FollowerProgress> {
    return this.#follower.progress();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
