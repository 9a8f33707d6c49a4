import {
  KirokuError,
  type LogIdentity,
  type Projection,
  type ProjectionBatch,
  type ReadModelAdvance,
  type ReadModelStore,
  type Row,
  type RowChanges,
  rowKeyText,
} from '@kiroku/core';

interface Built {
  readonly log: LogIdentity;
  position: number;
  readonly tables: { readonly [name: string]: Map<string, Row> };
}

/** A read-model store in memory: everything the port promises but durability. For tests. */
export class InMemoryReadModelStore implements ReadModelStore {
  readonly #built = new Map<string, Built>();
  readonly #listeners = new Set<(advance: ReadModelAdvance) => void>();

  async prepare(projection: Projection, log: LogIdentity): Promise<void> {
    const id = idOf(projection);
    const built = this.#built.get(id);
    if (built === undefined) {
      const tables = Object.fromEntries(Object.keys(projection.tables).map((name) => [name, new Map<string, Row>()]));
      this.#built.set(id, { log, position: 0, tables });
    } else requireSameLog(id, built.log, log);
  }

  async checkpoint(projection: Projection): Promise<number> {
    return this.#built.get(idOf(projection))?.position ?? 0;
  }

  async apply(batch: ProjectionBatch): Promise<void> {
    const { projection, after, position, log, touched, fold } = batch;
    const built = this.#prepared(projection);
    requireSameLog(idOf(projection), built.log, log);
    if (built.position !== after) {
      throw new KirokuError('CheckpointConflict', `${projection.name} is at position ${built.position}, not ${after}.`);
    }
    const rows = Object.entries(touched).map(([name, keys]) => {
      const table = tableOf(built, name);
      const texts = keys.map((key) => rowKeyText(projection.tables[name] ?? { key: [] }, key));
      return [name, new Map([...table].filter(([text]) => texts.includes(text)))] as const;
    });
    const changes = fold(Object.fromEntries(rows));
    const changed = Object.fromEntries(changes.map((change) => [change.table, write(projection, built, change)]));
    built.position = position;
    for (const tell of this.#listeners) tell({ projection: projection.name, version: projection.version, position, changed });
  }

  async *advances(signal: AbortSignal): AsyncGenerator<ReadModelAdvance> {
    const waiting: ReadModelAdvance[] = [];
    let wake = (): void => undefined;
    const tell = (advance: ReadModelAdvance): void => {
      waiting.push(advance);
      wake();
    };
    this.#listeners.add(tell);
    signal.addEventListener('abort', () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        const advance = waiting.shift();
        if (advance !== undefined) yield advance;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#listeners.delete(tell);
    }
  }

  /** The rows of a table, in no order. */
  async rows(projection: Projection, table: string): Promise<readonly Row[]> {
    return [...tableOf(this.#prepared(projection), table).values()];
  }

  #prepared(projection: Projection): Built {
    const built = this.#built.get(idOf(projection));
    if (built === undefined) throw new KirokuError('Internal', `${projection.name} is not registered. Call prepare before anything else.`);
    return built;
  }
}

function write(projection: Projection, built: Built, { table: name, upserts, deletes }: RowChanges): string[] {
  const table = tableOf(built, name);
  const keyText = (row: Row): string => rowKeyText(projection.tables[name] ?? { key: [] }, row);
  for (const key of deletes) table.delete(keyText(key));
  for (const row of upserts) table.set(keyText(row), row);
  return [...upserts, ...deletes].map(keyText);
}

function tableOf(built: Built, name: string): Map<string, Row> {
  const table = built.tables[name];
  if (table === undefined) throw new KirokuError('DefinitionInvalid', `There is no table "${name}".`);
  return table;
}

function requireSameLog(id: string, built: LogIdentity, log: LogIdentity): void {
  if (built.id === log.id && built.timeline === log.timeline) return;
  throw new KirokuError(
    'LogMismatch',
    `${id} was built from log ${built.id}, timeline ${built.timeline}, not ${log.id}, timeline ${log.timeline}.`,
  );
}

function idOf({ name, version }: Projection): string {
  return `${name} version ${version}`;
}
