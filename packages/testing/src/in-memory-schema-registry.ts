import type { EventSchema, EventStore, RegisteredSchema, SchemaRegistry } from '@kiroku/core';

/** A schema registry in memory, beside an event store, for tests and examples. */
export class InMemorySchemaRegistry implements SchemaRegistry {
  readonly #eventStore: EventStore;
  readonly #now: () => string;
  #registered: readonly RegisteredSchema[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** `now` returns ISO 8601; default: the clock. */
  constructor({ eventStore, now = () => new Date().toISOString() }: { readonly eventStore: EventStore; readonly now?: () => string }) {
    this.#eventStore = eventStore;
    this.#now = now;
  }

  async list(): Promise<readonly RegisteredSchema[]> {
    return structuredClone(this.#registered);
  }

  register(judge: (known: readonly RegisteredSchema[]) => readonly EventSchema[]): Promise<void> {
    const registered = this.#turn.then(() => this.#register(judge));
    this.#turn = registered.catch(() => undefined);
    return registered;
  }

  async findNewer({
    type,
    version,
    after,
  }: {
    readonly type: string;
    readonly version: number;
    readonly after: number;
  }): Promise<number | undefined> {
    const head = await this.#eventStore.head();
    for (let from = after; from < head.position; ) {
      const { events, position } = await this.#eventStore.readLog({ after: from, filter: { types: [type] } });
      const newer = events.find(({ schemaVersion }) => schemaVersion > version);
      if (newer !== undefined) return newer.position;
      from = position;
    }
    return undefined;
  }

  async #register(judge: (known: readonly RegisteredSchema[]) => readonly EventSchema[]): Promise<void> {
    const { position } = await this.#eventStore.head();
    const known = await this.list();
    const seen = structuredClone(judge(known)).map((schema) => {
      const before = known.find((each) => isSame(each, schema));
      return { ...schema, after: before?.after ?? position, firstSeen: before?.firstSeen ?? this.#now(), lastSeen: this.#now() };
    });
    const others = known.filter((each) => !seen.some((schema) => isSame(each, schema)));
    this.#registered = [...others, ...seen].sort(inOrder);
  }
}

function isSame(one: EventSchema, other: EventSchema): boolean {
  return one.type === other.type && one.version === other.version && one.digest === other.digest;
}

function inOrder(a: RegisteredSchema, b: RegisteredSchema): number {
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  return a.version - b.version || Date.parse(a.firstSeen) - Date.parse(b.firstSeen);
}
