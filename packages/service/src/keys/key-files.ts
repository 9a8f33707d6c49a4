import { Worker } from 'node:worker_threads';

export interface ToKeyThread {
  readonly number: number;
  readonly file: string;
  readonly content: string;
}

export type FromKeyThread =
  | { readonly number: number; readonly there: string | undefined }
  | { readonly number: number; readonly fault: { readonly code: string | undefined; readonly message: string } };

interface Asked {
  readonly resolve: (there: string | undefined) => void;
  readonly reject: (error: Error) => void;
}

// Node 20 runs no TypeScript: where sources run as they are, in tests, the thread runs what is built
const program = new URL(import.meta.url.endsWith('.ts') ? '../../dist/keys/key-thread.js' : './key-thread.js', import.meta.url);

/**
 * Creates files in a thread of its own: a key is made durable in a handful of steps, each of which would wait for a turn of the service's event loop.
 * The thread is started when it is first needed, and keeps no process from ending that waits for no file.
 */
export class KeyFiles {
  readonly #asked = new Map<number, Asked>();
  #thread: Worker | undefined;
  #last = 0;

  /** What the file has in it, or `undefined` if it was created: see `readOrCreateAll`. Throws `ENOENT` if there is no such directory. */
  readOrCreate(file: string, content: string): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      this.#thread ??= this.#started();
      this.#thread.ref();
      const number = ++this.#last;
      this.#asked.set(number, { resolve, reject });
      this.#thread.postMessage({ number, file, content } satisfies ToKeyThread);
    });
  }

  #started(): Worker {
    const thread = new Worker(program, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 } });
    thread.on('message', (answer: FromKeyThread) => this.#settle(answer));
    thread.on('error', (error) => this.#ended(thread, error));
    thread.on('exit', () => this.#ended(thread, new Error('The thread that creates keys has ended.')));
    return thread;
  }

  #settle(answer: FromKeyThread): void {
    const asked = this.#asked.get(answer.number);
    this.#asked.delete(answer.number);
    if (this.#asked.size === 0) this.#thread?.unref();
    if ('fault' in answer) asked?.reject(Object.assign(new Error(answer.fault.message), { code: answer.fault.code }));
    else asked?.resolve(answer.there);
  }

  /** The next call starts another one. */
  #ended(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}
