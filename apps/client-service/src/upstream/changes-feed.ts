import { setTimeout as sleep } from 'node:timers/promises';
import type { LogPosition, ReadModelNews } from '@kiroku/core';
import { Agent } from 'undici';
import type { Watched } from '../graphql/context.ts';
import { parseChange, touches, unreadable } from './change-line.ts';
import { ChangeSignal } from './change-signal.ts';
import type { QueryInstances } from './query-instances.ts';

export interface ChangesFeedOptions {
  readonly queryInstances: QueryInstances;
  /** Told when the stream is lost, once for each loss, and when it is back. */
  readonly onState?: (state: 'open' | 'lost', error?: unknown) => void;
  /** Hears of everything before those do who watch rows. */
  readonly listener?: ReadModelListener;
  /** Milliseconds of silence after which the stream is taken for lost; heartbeats come more often. Default 15,000. */
  readonly silenceMs?: number;
}

/** Who keeps what was read. */
export interface ReadModelListener {
  hear(news: ReadModelNews): void;
  /** Nobody is heard any more. */
  forget(): void;
}

/** Whatever there is. */
const anywhere: LogPosition = { timeline: 1, position: 0 };
const longestWaitMs = 2_000;

/**
 * Follows one instance's stream of changed rows and tells whoever watches them. Reconnects for ever, to the next instance; after a gap
 * everybody looks again.
 */
export class ChangesFeed implements AsyncDisposable {
  readonly #options: ChangesFeedOptions;
  readonly #agent: Agent;
  readonly #watchers = new Map<ChangeSignal, Watched>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #state: 'open' | 'lost' | undefined;
  #timeline: number | undefined;
  /** Everything that it has told since it was opened was understood. */
  #isWhole = true;

  constructor(options: ChangesFeedOptions) {
    this.#options = options;
    const { silenceMs = 15_000 } = options;
    this.#agent = new Agent({ connect: { timeout: 2_000 }, headersTimeout: silenceMs, bodyTimeout: silenceMs });
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const signal of this.#watchers.keys()) signal.close();
    await this.#running;
    await this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Of the log that positions are of, while the stream is open. */
  get timeline(): number | undefined {
    return this.#timeline;
  }

  /** Positions from which the watched rows are worth reading again: at once, and after every change. */
  watch(watched: Watched, signal: AbortSignal): ChangeSignal {
    // a subscription that ends with a fault closes it, and never aborts its signal
    const changes: ChangeSignal = new ChangeSignal(anywhere, () => this.#watchers.delete(changes));
    this.#watchers.set(changes, watched);
    const release = () => changes.close();
    if (signal.aborted || this.#stopping.signal.aborted) release();
    else signal.addEventListener('abort', release, { once: true });
    return changes;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let wait = 50; !signal.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
      const [url = ''] = this.#options.queryInstances.inTurn();
      try {
        for await (const line of this.#lines(url, signal)) {
          wait = 50;
          this.#tell(line);
        }
      } catch (error) {
        if (!signal.aborted) this.#become('lost', error);
      }
      this.#timeline = undefined;
      this.#options.listener?.forget();
      this.#options.queryInstances.failed(url);
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  async *#lines(url: string, signal: AbortSignal): AsyncGenerator<string> {
    const { origin, pathname, search } = new URL(`${url}/changes?knows=reading`);
    const { statusCode, body } = await this.#agent.request({ origin, path: `${pathname}${search}`, method: 'GET', signal });
    if (statusCode !== 200) throw new Error(`GET /changes answered ${statusCode}: ${(await body.text()).slice(0, 200)}`);
    let rest = '';
    for await (const chunk of body.setEncoding('utf8')) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  }

  #become(state: 'open' | 'lost', error?: unknown): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState?.(state, error);
  }

  #tell(line: string): void {
    const change = parseChange(line);
    if (change === undefined) return;
    if (change === unreadable) {
      this.#missed();
      return;
    }
    if (change.kind === 'heartbeat') return;
    if (change.kind !== 'open' && this.#isWhole) this.#options.listener?.hear(change);
    if (change.kind === 'current') return;
    if (change.kind === 'open') {
      this.#timeline = change.timeline;
      this.#isWhole = true;
      this.#become('open');
      this.#lookAgain();
      return;
    }
    const { timeline = 1 } = this;
    const position = change.kind === 'advance' ? change.position : Math.min(...change.positions);
    for (const [signal, watched] of this.#watchers) if (touches(change, watched)) signal.raise({ timeline, position });
  }

  /** While processes are replaced, an instance of another release may tell of changes in words of its own: nobody knows which, as long as it is followed. */
  #missed(): void {
    this.#isWhole = false;
    this.#options.listener?.forget();
    this.#lookAgain();
  }

  /** Something may have changed unseen. */
  #lookAgain(): void {
    for (const signal of this.#watchers.keys()) signal.raise(anywhere);
  }
}
