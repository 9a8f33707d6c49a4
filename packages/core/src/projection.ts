import { KirokuError } from './errors.ts';
import type { RecordedEvent } from './event.ts';
import { type EventDefinitions, type RecordedEventOf, upcast } from './event-definition.ts';

/** Column types and the TypeScript values rows hold for them. Money is integer minor units; instants are ISO 8601 text. */
export interface ColumnTypes {
  readonly text: string;
  /** 64-bit in the database; safe integers in TypeScript. */
  readonly integer: number;
  readonly boolean: boolean;
  readonly timestamp: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly json: unknown;
}
export type ColumnType = keyof ColumnTypes;
/** `'text'`, `'text?'` (may be null) or `'text key'` (part of the primary key, in the order of the columns). */
export type ColumnSpec = ColumnType | `${ColumnType}?` | `${ColumnType} key`;
export type Columns = { readonly [column: string]: ColumnSpec };

type ValueOf<Spec extends ColumnSpec> = Spec extends `${infer Base extends ColumnType}?`
  ? ColumnTypes[Base] | null
  : Spec extends `${infer Base extends ColumnType} key`
    ? ColumnTypes[Base]
    : Spec extends ColumnType
      ? ColumnTypes[Spec]
      : never;

/** A row of a table with these columns. */
export type RowOf<C extends Columns> = { readonly [K in keyof C]: ValueOf<C[K]> };
/** The key of such a row. */
export type KeyOf<C extends Columns> = { readonly [K in keyof C as C[K] extends `${ColumnType} key` ? K : never]: ValueOf<C[K]> };

export type Row = { readonly [column: string]: unknown };
export type RowKey = { readonly [column: string]: unknown };

/** How one event type changes the rows of one table. */
export interface RowFold<R, K, E> {
  /** Which rows the event touches. One that is named twice is folded once. */
  keys(event: E): K | readonly K[];
  /** The row before (or `undefined`) → the row after (or `undefined` to remove it). Pure. */
  fold(row: R | undefined, event: E, key: K): R | undefined;
}

export interface TableDefinition<C extends Columns, E extends RecordedEvent<string, unknown>> {
  readonly columns: C;
  /** Further indexes; `unique` ones are not offered: a read model never refuses an event. */
  readonly indexes?: readonly (readonly (keyof C & string)[])[];
  /**
   * Columns that lists of its rows are asked for by: `['category_id']` if there is a list of the products of a category. Who keeps such a list is
   * told when it may have changed, without being told of all others. No times and no JSON. The rows are the same whatever it says.
   */
  readonly listedBy?: readonly (keyof C & string)[];
  readonly on: { readonly [T in E['type']]?: RowFold<RowOf<C>, KeyOf<C>, Extract<E, { readonly type: T }>> };
}

/** A table whose types are not known here: what the engine works with. */
export interface Table {
  readonly columns: Columns;
  readonly key: readonly string[];
  readonly indexes: readonly (readonly string[])[];
  readonly listedBy?: readonly string[];
  keys(event: RecordedEvent): readonly RowKey[];
  fold(row: Row | undefined, event: RecordedEvent, key: RowKey): Row | undefined;
}

interface ProjectionBase {
  /** kebab-case; also the name of its database schema, with `_` and the version. */
  readonly name: string;
  /** Raise it whenever a fold or a column changes: the next start builds the new version beside the old. */
  readonly version: number;
  /** Tables that are folded by key. */
  readonly tables: { readonly [name: string]: Table };
  /** By hash of row key, so that several instances share the work. */
  readonly partitions: number;
  /** The event types that touch any of its tables. */
  readonly eventTypes: readonly string[];
  /** Brings an event to its present schema version. */
  upcast(event: RecordedEvent): RecordedEvent;
}

/** Pure folds by key: it can be checked, repaired, rebuilt in memory and in parts. */
export interface FoldProjection extends ProjectionBase {
  readonly kind: 'fold';
}

/** Statements of its own. What they do is not known, so that it has one partition, cannot be checked or repaired, and stalls at a fault. */
export interface SqlProjection extends ProjectionBase {
  readonly kind: 'sql';
  /** DDL of a build, in order; unqualified names are those of the build's schema. */
  readonly schema: readonly string[];
  /** Applies events, in order and brought to their present version, in the transaction that moves the checkpoint. */
  apply(sql: SqlRunner, events: readonly RecordedEvent[]): Promise<void>;
}

export type Projection = FoldProjection | SqlProjection;

/** Runs statements in the transaction of a batch; unqualified names are those of the build's schema. */
export interface SqlRunner {
  query<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<readonly R[]>;
}

/** The typed columns of a projection's tables, for queries: `RowsOf<typeof productList>['product']`. */
export type RowsOf<P> = P extends { readonly columns: infer T extends { readonly [name: string]: Columns } }
  ? { readonly [K in keyof T]: RowOf<T[K]> }
  : never;

export interface ProjectionDefinition<D extends EventDefinitions, T extends { readonly [name: string]: Columns }> {
  readonly name: string;
  readonly version: number;
  /** All event types it may fold: `{ ...productEvents, ...stockEvents }`. */
  readonly events: D;
  readonly tables: { readonly [N in keyof T]: TableDefinition<T[N], RecordedEventOf<D>> };
  /** How many instances can share the work, 1 to 64; each partition folds the whole log for its share of the rows. Applies to builds made from now on. Default 1. */
  readonly partitions?: number;
}

/** Declares a read model. Throws `DefinitionInvalid` for names that cannot be SQL names, and for a table without a key. */
export function defineProjection<const D extends EventDefinitions, const T extends { readonly [name: string]: Columns }>(
  definition: ProjectionDefinition<D, T>,
): FoldProjection & { readonly columns: T } {
  const tables: Record<string, Table> = {};
  const types = new Set<string>();
  for (const [name, table] of Object.entries<UntypedTable>(definition.tables as { [name: string]: UntypedTable })) {
    // forgets the types, keeps the shape
    tables[name] = eraseTable(definition.name, name, table);
    for (const type of Object.keys(table.on)) types.add(type);
  }
  requireProjectionName(definition.name);
  const { partitions = 1 } = definition;
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 64)
    throw new KirokuError('DefinitionInvalid', `Projection "${definition.name}" has ${partitions} partitions; it may have 1 to 64.`);
  return {
    kind: 'fold',
    name: definition.name,
    version: definition.version,
    partitions,
    tables,
    columns: Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.columns])) as T, // the same columns, collected
    eventTypes: [...types],
    upcast: (event) => upcast(definition.events, event),
  };
}

export interface SqlProjectionDefinition<D extends EventDefinitions, T extends { readonly [name: string]: Columns }> {
  readonly name: string;
  readonly version: number;
  /** All event types it wants: `{ ...productEvents, ...stockEvents }`. */
  readonly events: D;
  /** DDL, one statement each: `create table sold (product text primary key, …)`. */
  readonly schema: readonly string[];
  /** The columns of its tables as queries see them. Default: none are typed. */
  readonly columns?: T;
  /** Time and ids come from the events: a rebuild must come to the same. */
  apply(sql: SqlRunner, events: readonly RecordedEventOf<D>[]): Promise<void>;
}

/**
 * Declares a read model with SQL of its own, for what cannot be folded by key. It gives up verify, repair, rebuilds in parts and in memory,
 * parking (a fault stalls it) and partitions. Throws `DefinitionInvalid`.
 */
export function defineSqlProjection<const D extends EventDefinitions, const T extends { readonly [name: string]: Columns }>(
  definition: SqlProjectionDefinition<D, T>,
): SqlProjection & { readonly columns: T } {
  const { name, version, events, schema, columns } = definition;
  requireProjectionName(name);
  return {
    kind: 'sql',
    name,
    version,
    partitions: 1,
    tables: {},
    columns: columns ?? ({} as T), // none are typed
    eventTypes: Object.keys(events),
    schema,
    upcast: (event) => upcast(events, event),
    apply: (sql, recorded) => definition.apply(sql, recorded as readonly RecordedEventOf<D>[]), // the engine gives those types only, upcast
  };
}

interface UntypedTable {
  readonly columns: Columns;
  readonly indexes?: readonly (readonly string[])[];
  readonly listedBy?: readonly string[];
  readonly on: { readonly [type: string]: RowFold<Row, RowKey, RecordedEvent> | undefined };
}

function eraseTable(projection: string, name: string, table: UntypedTable): Table {
  requireName(name, `table "${name}" of ${projection}`, /^[a-z][a-z0-9_]*$/);
  for (const column of Object.keys(table.columns)) requireName(column, `column "${column}" of ${projection}.${name}`, /^[a-z][a-z0-9_]*$/);
  for (const column of (table.indexes ?? []).flat()) {
    if (table.columns[column] === undefined)
      throw new KirokuError('DefinitionInvalid', `${projection}.${name} has no column "${column}", which an index names.`);
  }
  const listedBy = table.listedBy ?? [];
  for (const column of listedBy) requireListable(`${projection}.${name}`, column, table.columns[column]);
  const key = Object.keys(table.columns).filter((column) => table.columns[column]?.endsWith(' key'));
  if (key.length === 0)
    throw new KirokuError('DefinitionInvalid', `${projection}.${name} needs a key: mark at least one column, e.g. { id: 'text key' }.`);
  return {
    columns: table.columns,
    key,
    indexes: table.indexes ?? [],
    listedBy,
    keys: (event) => {
      const keys = table.on[event.type]?.keys(event) ?? [];
      return Array.isArray(keys) ? keys : [keys as RowKey]; // a single key, not a list
    },
    fold: (row, event, key) => {
      const step = table.on[event.type];
      return step === undefined ? row : step.fold(row, event, key);
    },
  };
}

/** Its values are compared as text: a time comes back from the database written in another way. */
function requireListable(table: string, column: string, spec: ColumnSpec | undefined): void {
  if (spec !== undefined && !/^(timestamp|json)/.test(spec)) return;
  const why = spec === undefined ? `has no column "${column}"` : `cannot be listed by "${column}", which is of type ${spec}`;
  throw new KirokuError('DefinitionInvalid', `${table} ${why}: \`listedBy\` names columns of text, integer, boolean or date.`);
}

function requireProjectionName(name: string): void {
  requireName(name, `projection "${name}"`, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
}

function requireName(name: string, what: string, pattern: RegExp): void {
  if (!pattern.test(name) || name.length > 48) {
    throw new KirokuError('DefinitionInvalid', `The ${what} must match ${pattern.source} and be at most 48 characters long.`);
  }
}
