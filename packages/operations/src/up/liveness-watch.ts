import { setTimeout as sleep } from 'node:timers/promises';

/** So many times in a row nothing comes, over a whole limit. */
const rounds = 12;

export interface LivenessWatchOptions {
  /** Whether it shows any sign of life within so many milliseconds. Must not reject. */
  readonly ask: (timeoutMs: number) => Promise<boolean>;
  /** Milliseconds. */
  readonly limitMs: number;
  /** It has not, for the whole limit. Must not reject. It is watched from the beginning then. */
  readonly onSilent: () => Promise<void>;
  readonly signal: AbortSignal;
  /** Default: real time. Returns at once when the signal fires. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds on a clock that only goes forward. Default: that of the machine. */
  readonly now?: () => number;
}

/** Asks a process again and again whether it lives, and tells when it has not answered for a whole limit. */
export class LivenessWatch {
  readonly #options: LivenessWatchOptions;

  constructor(options: LivenessWatchOptions) {
    this.#options = options;
  }

  /** Ends with the signal. Never rejects. */
  async run(): Promise<void> {
    const { ask, limitMs, onSilent, signal, wait = sleepAtMost, now = () => performance.now() } = this.#options;
    const periodMs = limitMs / rounds / 2; // to wait, and to answer
    let unanswered = 0;
    while (!signal.aborted) {
      const begunAt = now();
      await wait(periodMs, signal);
      if (signal.aborted) return;
      const lives = await ask(periodMs);
      const late = now() - begunAt > 4 * periodMs; // we did not run ourselves: a suspended machine, Ctrl-Z, no processor
      unanswered = lives || late ? 0 : unanswered + 1;
      if (unanswered < rounds || signal.aborted) continue;
      unanswered = 0;
      await onSilent();
    }
  }
}

async function sleepAtMost(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
