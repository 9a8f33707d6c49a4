import type { Projection, ReadModelStore } from '@kiroku/core';
import type { FollowerProgress } from '../follow-log/follower-status.ts';
import { type FollowOptions, LogFollower } from '../follow-log/log-follower.ts';
import { foldBatch } from './fold-batch.ts';

export interface ProjectionRunnerOptions extends FollowOptions {
  readonly readModels: ReadModelStore;
  readonly projection: Projection;
}

/** Keeps a projection's rows up to date with the log. Several instances may run the same one: each batch is applied once. */
export class ProjectionRunner implements AsyncDisposable {
  readonly projection: Projection;
  readonly #follower: LogFollower;

  constructor(options: ProjectionRunnerOptions) {
    const { readModels, projection } = options;
    this.projection = projection;
    let log = { id: '', timeline: 0 }; // set by prepare, which comes first
    this.#follower = new LogFollower(
      {
        name: projection.name,
        eventTypes: projection.eventTypes,
        prepare: async (identity) => {
          log = identity;
          await readModels.prepare(projection, identity);
        },
        checkpoint: () => readModels.checkpoint(projection),
        apply: ({ events, after, position }) => readModels.apply({ projection, after, position, log, ...foldBatch(projection, events) }),
      },
      options,
    );
  }

  /** Throws `DefinitionInvalid` or `LogMismatch`; an unreachable database only stalls it. */
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
