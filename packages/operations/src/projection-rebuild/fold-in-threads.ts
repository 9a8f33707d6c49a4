import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type KeyStore, KirokuError } from '@kiroku/core';
import type { ApplicationModule } from '../config/application-module.ts';
import type { DatabaseUrls } from '../config/installation.ts';
import type { LoadedBuild } from './building.ts';
import type { FoldTask, FoldThreadData, FromThread, Question, ToThread } from './fold-thread-data.ts';
import { leastThreadMemory } from './parts-of-log.ts';
import { fromThreadFault, toThreadFault } from './thread-fault.ts';
import type { Throttle } from './throttle.ts';

/** What threads need to fold an application's events. */
export interface FoldThreads {
  readonly applicationModule: ApplicationModule;
  readonly databases: DatabaseUrls;
  readonly keys: KeyStore;
}

/** `undefined` if threads could not find the application. */
export function foldThreads(
  databases: DatabaseUrls,
  { applicationModule, keys }: { readonly applicationModule?: ApplicationModule; readonly keys: KeyStore },
): FoldThreads | undefined {
  return applicationModule && { applicationModule, databases, keys };
}

export interface FoldInThreadsOptions extends FoldThreads {
  readonly tasks: readonly FoldTask[];
  /** At most. */
  readonly threads: number;
  /** Position that all are folded to. */
  readonly until: number;
  /** For all threads together. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  /** Told before rows are loaded. */
  readonly onLoad: () => Promise<void>;
  /** Told when all rows of a task are loaded. */
  readonly onLoaded: (task: FoldTask, loaded: LoadedBuild) => Promise<void>;
  /** Told when `events` that were read need not be read again. */
  readonly onKept: (events: number) => void;
  /** Told how many events were read, and how many are left in all threads together. */
  readonly onRead: (events: number, left: number) => void;
}

// Node 20 runs no TypeScript: where sources run as they are, in tests, the thread runs what is built. Bundled it starts in a third of the time; a
// packed package has no bundle.
const bundled = new URL('../../bundle/fold-thread.js', import.meta.url);
const isBundled = !import.meta.url.endsWith('.ts') && existsSync(bundled);
const program = isBundled ? bundled : new URL('../../dist/projection-rebuild/fold-thread.js', import.meta.url);

/** Folds builds and parts of builds side by side, and loads their rows. A fault of one ends all, as the signal does. */
export async function foldInThreads(options: FoldInThreadsOptions): Promise<void> {
  const { tasks, signal, onRead } = options;
  const count = Math.min(options.threads, tasks.length);
  const left = Array.from({ length: count }, () => options.until);
  const threads = Array.from({ length: count }, (_, index) => {
    const own = tasks.filter((__, task) => task % count === index);
    return new FoldThread({ ...options, threads: count, tasks: own, onRead: (events, rest) => onRead(events, total(rest, index)) });
  });
  const total = (rest: number, index: number) => {
    left[index] = rest;
    return left.reduce((sum, each) => sum + each, 0);
  };
  try {
    signal.throwIfAborted();
    await Promise.race([Promise.all(threads.map(({ done }) => done)), aborted(signal)]);
  } finally {
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }); // why a job stops is an error
  });
}

/** Bytes that a thread takes besides its old generation: new objects, pages that are received. */
const besidesHeap = 64 * 1024 * 1024;

function outOfMemory(error: unknown): KirokuError | undefined {
  if (!(error instanceof Error) || (error as { readonly code?: unknown }).code !== 'ERR_WORKER_OUT_OF_MEMORY') return undefined; // Node's
  return new KirokuError(
    'RebuildHeldUp',
    'A thread of the rebuild needs more than its share of the memory, for single rows or events that are very large. Cancel the job, and rebuild with more `--memory` or fewer threads.',
    { cause: error },
  );
}

class FoldThread {
  /** Resolves when it has loaded all its rows. */
  readonly done: Promise<void>;
  readonly #options: FoldInThreadsOptions;
  readonly #worker: Worker;
  /** Events read that would have to be read again. */
  #unkept = 0;

  constructor(options: FoldInThreadsOptions) {
    this.#options = options;
    const { applicationModule, databases, tasks, until, memoryBytes, threads } = options;
    const share = memoryBytes / threads;
    const workerData: FoldThreadData = { applicationModule, databases, tasks, until, memoryBytes: share };
    const maxOldGenerationSizeMb = Math.ceil((Math.max(share, leastThreadMemory) - besidesHeap) / 2 ** 20);
    this.#worker = new Worker(program, { workerData, execArgv: [], resourceLimits: { maxOldGenerationSizeMb } });
    this.done = this.#ended();
    this.done.catch(() => undefined); // the first fault is told
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #ended(): Promise<void> {
    const loading: Promise<void>[] = [];
    let done = false;
    return new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromThread) => {
        if ('number' in message) void this.#answer(message.number, message.question);
        else if ('loaded' in message) {
          const told = this.#loaded(message);
          told.catch(reject); // while the thread goes on with its other builds
          loading.push(told);
        } else if ('fault' in message) reject(fromThreadFault(message.fault));
        else if ('done' in message) {
          done = true;
          Promise.all(loading).then(() => resolve(), reject);
        } else if ('kept' in message) this.#kept();
        else this.#read(message);
      });
      this.#worker.on('error', (error) => reject(outOfMemory(error) ?? error));
      this.#worker.on('exit', () => {
        if (!done) reject(new Error('A thread of the rebuild has ended before its work was done.'));
      });
    });
  }

  async #answer(number: number, question: Question): Promise<void> {
    const reply = (message: ToThread) => this.#worker.postMessage(message);
    try {
      reply({ number, answer: await this.#ask(question) });
    } catch (error) {
      reply({ number, fault: toThreadFault(error) });
    }
  }

  async #ask(question: Question): Promise<unknown> {
    if ('findKey' in question) return this.#options.keys.findKey(question.findKey);
    if ('findOtherKeys' in question) return this.#options.keys.findOtherKeys(question.findOtherKeys);
    return 'load' in question ? this.#options.onLoad() : this.#options.throttle(question.throttle);
  }

  async #loaded({ loaded, task }: Extract<FromThread, { loaded: unknown }>): Promise<void> {
    const of = this.#options.tasks[task];
    if (of !== undefined) await this.#options.onLoaded(of, loaded);
  }

  #read({ read, left }: Extract<FromThread, { read: unknown }>): void {
    this.#unkept += read;
    this.#options.onRead(read, left);
  }

  #kept(): void {
    this.#options.onKept(this.#unkept);
    this.#unkept = 0;
  }
}
