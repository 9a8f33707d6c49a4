import { isDeepStrictEqual } from 'node:util';
import {
  type JsonValue,
  KirokuError,
  type Snapshot,
  type SnapshotKey,
  type SnapshotPlan,
  type SnapshotStore,
  type StreamName,
} from '@kiroku/core';

export interface SnapshotKeeperOptions {
  readonly store: SnapshotStore;
  /** Told when a snapshot could not be read or kept. Nothing else comes of it: the next command reads more events. */
  readonly onFault?: (error: unknown, key: SnapshotKey) => void;
  /** Snapshots saved at the same time, each of another stream. Default 2. */
  readonly concurrency?: number;
  /** Streams that may wait to be saved; what comes beyond is let go. Default 1,000. */
  readonly maxWaiting?: number;
}

/** A state that could be kept. */
interface Offer {
  readonly key: SnapshotKey;
  readonly version: number;
  readonly eventId: string;
  readonly state: unknown;
}

/** Finds and keeps snapshots for the command handler. Saves in the background; nothing here ever fails a command. */
export class SnapshotKeeper implements AsyncDisposable {
  readonly #options: Required<SnapshotKeeperOptions>;
  readonly #waiting = new Map<string, Offer>();
  readonly #saving = new Map<string, Promise<void>>();
  /** Which `evolve` makes the states of a key: another's would be of another shape. */
  readonly #owners = new Map<string, object>();
  #stopped = false;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = { onFault: () => undefined, concurrency: 2, maxWaiting: 1_000, ...options };
  }

  /** What is kept of a stream; `undefined` also if the store fails. */
  async find(stream: StreamName, plan: SnapshotPlan): Promise<Snapshot | undefined> {
    const key = keyOf(stream, plan);
    try {
      this.#requireOwn(plan);
      return checked(await this.#options.store.load(key));
    } catch (error) {
      this.#options.onFault(error, key);
      return undefined;
    }
  }

  /** Takes a state to save, at once or soon. A newer one of the same stream replaces it while it waits. */
  offer(
    stream: StreamName,
    plan: SnapshotPlan,
    found: { readonly version: number; readonly eventId: string; readonly state: unknown },
  ): void {
    const key = keyOf(stream, plan);
    const name = nameOf(key);
    if (this.#stopped || this.#saving.has(name) || this.#owners.get(nameOf(plan)) !== plan.evolve) return;
    if (this.#waiting.size >= this.#options.maxWaiting && !this.#waiting.has(name)) return;
    this.#waiting.set(name, { key, ...found });
    this.#saveMore();
  }

  /** Takes no more, and waits until what it has taken is saved. */
  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#saving.size > 0) await Promise.all(this.#saving.values());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #saveMore(): void {
    for (const [name, offer] of this.#waiting) {
      if (this.#saving.size >= this.#options.concurrency) return;
      this.#waiting.delete(name);
      const saved = this.#save(offer).finally(() => {
        this.#saving.delete(name);
        this.#saveMore();
      });
      this.#saving.set(name, saved);
    }
  }

  async #save({ key, version, eventId, state }: Offer): Promise<void> {
    try {
      await this.#options.store.save(key, { version, eventId, state: plainJson(state, key) });
    } catch (error) {
      this.#options.onFault(error, key);
    }
  }

  #requireOwn(plan: SnapshotPlan): void {
    const owner = this.#owners.get(nameOf(plan)) ?? plan.evolve;
    if (owner !== plan.evolve) {
      throw new KirokuError(
        'DefinitionInvalid',
        `Two states of ${plan.aggregate} declare snapshots at state version ${plan.stateVersion}, so none are used for one of them. Give one another stateVersion.`,
      );
    }
    this.#owners.set(nameOf(plan), owner);
  }
}

/** A store is a port: what it returns must not make the reading of the stream fail. */
function checked(snapshot: Snapshot | undefined): Snapshot | undefined {
  if (snapshot === undefined || (Number.isSafeInteger(snapshot.version) && snapshot.version > 0)) return snapshot;
  throw new RangeError(`The snapshot store returned a snapshot at version ${snapshot.version}, which no stream has.`);
}

/** Decisions must not depend on whether a state was kept: it must read back exactly the same. */
function plainJson(state: unknown, { stream }: SnapshotKey): JsonValue {
  const copy: unknown = JSON.parse(JSON.stringify(state) ?? 'null');
  if (isDeepStrictEqual(copy, state)) return copy as JsonValue; // it came out of JSON.parse
  throw new KirokuError(
    'DefinitionInvalid',
    `The state of ${stream} changes on its way through JSON, so no snapshot of it is kept. Use only plain objects, lists, texts, finite numbers, booleans and null, and no undefined.`,
    { details: { stream } },
  );
}

function keyOf(stream: StreamName, { aggregate, stateVersion, events }: SnapshotPlan): SnapshotKey {
  return { stream, aggregate, stateVersion, events };
}

function nameOf({
  stream = '',
  aggregate,
  stateVersion,
}: {
  readonly stream?: string;
  readonly aggregate: string;
  readonly stateVersion: number;
}): string {
  return `${stream} ${aggregate} ${stateVersion}`;
}
