import type { Application } from '@kiroku/core';
import { type BackgroundWorkOptions, PostgresBackgroundWork } from '@kiroku/postgres';
import { isFaultyWork, judgeWork, type WorkLimits, type WorkStatus } from './judge-work.ts';
import { sharedLook } from './shared-look.ts';

export interface WorkWatchOptions extends BackgroundWorkOptions {
  readonly application: Pick<Application, 'processManagers'>;
  readonly limits: WorkLimits;
}

const lookEveryMs = 250;

/** Watches what works in the background, whoever runs it. Looks when asked, and connects when it first does. */
export class WorkWatch implements AsyncDisposable {
  readonly #work: PostgresBackgroundWork;
  /** How everything is. Throws `DatabaseUnavailable`. */
  readonly look: () => Promise<readonly WorkStatus[]>;

  constructor({ application, limits, ...options }: WorkWatchOptions) {
    this.#work = new PostgresBackgroundWork(options);
    const names = application.processManagers.map(({ name }) => name);
    this.look = sharedLook(async () => judgeWork(await this.#work.look(names), names, limits), lookEveryMs);
  }

  /** Throws why a part does not do its work: `jobs`, or one of all that are a `consumer`. Default: of all parts. */
  async requireSound(part?: string): Promise<void> {
    const isMeant = ({ name }: WorkStatus) => part === undefined || name === part || name.startsWith(`${part} `);
    const ill = (await this.look()).filter((each) => isMeant(each) && isFaultyWork(each));
    const [first] = ill;
    if (first === undefined) return;
    const others = ill.length === 1 ? '' : `; and ${ill.length - 1} more`;
    throw new Error(`${first.name === part ? '' : `${first.name} `}${first.state}: ${first.reason}${others}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work[Symbol.asyncDispose]();
  }
}
