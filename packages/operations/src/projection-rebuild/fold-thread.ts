import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Application, KeyStore, OwnedBuild } from '@kiroku/core';
import type { ApplicationModule } from '../config/application-module.ts';
import { openProjectionStores } from '../config/open-projection-stores.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { Building } from './building.ts';
import { foldBuilds } from './fold-builds.ts';
import type { FoldTask, FoldThreadData, FromThread, Question, ToThread } from './fold-thread-data.ts';
import { fromThreadFault, toThreadFault } from './thread-fault.ts';

// The program of a thread that `foldInThreads` starts: folds and loads its share of a rebuild, and tells the thread that started it.

async function run({ applicationModule, databases, tasks, until, memoryBytes }: FoldThreadData, main: MainThread): Promise<void> {
  const application = await loadApplication(applicationModule);
  await using stores = openProjectionStores(databases, { application, keys: keysThrough(main), applicationName: 'kiroku-rebuild' });
  const buildings = await Promise.all(tasks.map((task) => Building.open(stores.builds, modelOf(stores, task), task.part)));
  const pace = new Pace(main);
  await foldBuilds({
    stores,
    buildings,
    until,
    memoryBytes,
    heapIsLimited: true,
    signal: new AbortController().signal, // the thread is ended from outside
    extend: false,
    throttle: (events) => pace.mayGoOn(events),
    onLoad: async () => {
      pace.tell();
      await main.ask({ load: true });
    },
    onRead: (read, left) => pace.read(read, left),
    onKept: () => {
      pace.tell();
      main.tell({ kept: true });
    },
    onLoaded: (building) => main.tell({ loaded: building.loaded, task: buildings.indexOf(building) }),
  });
}

const askEveryMs = 20;

/** What is read, told and asked for some pages together: posting messages for each page took a fifteenth of a thread's time. */
class Pace {
  readonly #main: MainThread;
  #askedAt = performance.now();
  #unasked = 0;
  #untold = 0;
  #left = 0;

  constructor(main: MainThread) {
    this.#main = main;
  }

  read(events: number, left: number): void {
    this.#untold += events;
    this.#left = left;
  }

  tell(): void {
    if (this.#untold > 0) this.#main.tell({ read: this.#untold, left: this.#left });
    this.#untold = 0;
  }

  async mayGoOn(events: number): Promise<void> {
    this.#unasked += events;
    if (performance.now() - this.#askedAt < askEveryMs) return;
    this.tell();
    const asked = this.#unasked;
    this.#unasked = 0;
    await this.#main.ask({ throttle: asked });
    this.#askedAt = performance.now();
  }
}

async function loadApplication({ module, export: name, argument }: ApplicationModule): Promise<Application> {
  const exported = ((await import(module)) as { readonly [name: string]: unknown })[name];
  const application = typeof exported === 'function' ? await (exported as (argument?: string) => unknown)(argument) : exported;
  return application as Application; // whoever starts a rebuild says where it is
}

function modelOf(stores: ProjectionStores, { projection, build, epoch }: FoldTask): OwnedBuild {
  return { projection: requireProjection(stores.application, projection), build, epoch };
}

/** Folds only read personal data; the store of its keys stays with the thread that was given it. */
function keysThrough(main: MainThread): KeyStore {
  const refuse = () => Promise.reject(new Error('A fold makes and forgets no keys.'));
  return {
    findKey: async (subject) => (await main.ask({ findKey: subject })) as Awaited<ReturnType<KeyStore['findKey']>>, // as it answers
    findOtherKeys: async (subject) => (await main.ask({ findOtherKeys: subject })) as Awaited<ReturnType<KeyStore['findOtherKeys']>>,
    keyFor: refuse,
    forget: refuse,
  };
}

/** The thread that has started this one. */
class MainThread {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, PromiseWithResolvers>();
  #asked = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (answer: ToThread) => {
      const waiting = this.#waiting.get(answer.number);
      this.#waiting.delete(answer.number);
      if ('fault' in answer) waiting?.reject(fromThreadFault(answer.fault));
      else waiting?.resolve(answer.answer);
    });
  }

  tell(message: FromThread): void {
    this.#port.postMessage(message);
  }

  ask(question: Question): Promise<unknown> {
    const number = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.tell({ number, question });
    });
  }

  close(): void {
    this.#port.close();
  }
}

interface PromiseWithResolvers {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

if (parentPort !== null) {
  const main = new MainThread(parentPort);
  try {
    await run(workerData as FoldThreadData, main); // what foldInThreads gives
    main.tell({ done: true });
  } catch (error) {
    main.tell({ fault: toThreadFault(error) });
  }
  main.close();
}
