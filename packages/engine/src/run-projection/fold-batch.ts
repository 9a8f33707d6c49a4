import {
  KirokuError,
  type Projection,
  type ProjectionBatch,
  type RecordedEvent,
  type Row,
  type RowChanges,
  type RowKey,
  rowKeyText,
  type Table,
} from '@kiroku/core';
import { atEvent } from '../follow-log/at-event.ts';

/**
 * Turns a batch of events into the rows it touches and a fold over them. Equal in effect to folding the events one at a time.
 * The fold may be called again after a fault. Throws `DefinitionInvalid` if a fold moves a row to another key.
 */
export function foldBatch(projection: Projection, events: readonly RecordedEvent[]): Pick<ProjectionBatch, 'touched' | 'fold'> {
  const types = new Set(projection.eventTypes);
  const present = events.filter(({ type }) => types.has(type)).map((event) => projection.upcast(event));
  const plans = Object.entries(projection.tables).map(([name, table]) => planTable(`${projection.name}.${name}`, name, table, present));
  return {
    touched: Object.fromEntries(plans.filter(({ keys }) => keys.size > 0).map(({ name, keys }) => [name, [...keys.values()]])),
    fold: (rows) => plans.map((plan) => foldTable(plan, rows[plan.name] ?? new Map())).filter(hasChanges),
  };
}

interface TablePlan {
  readonly name: string;
  readonly title: string;
  readonly table: Table;
  /** By `rowKeyText`. */
  readonly keys: ReadonlyMap<string, RowKey>;
  readonly steps: readonly { readonly keyText: string; readonly event: RecordedEvent }[];
}

function planTable(title: string, name: string, table: Table, events: readonly RecordedEvent[]): TablePlan {
  const keys = new Map<string, RowKey>();
  const steps = events.flatMap((event) => {
    const touched = new Map(atEvent(title, event, () => table.keys(event)).map((key) => [rowKeyText(table, key), key]));
    for (const [keyText, key] of touched) if (!keys.has(keyText)) keys.set(keyText, key);
    return [...touched.keys()].map((keyText) => ({ keyText, event }));
  });
  return { name, title, table, keys, steps };
}

function foldTable({ name, title, table, keys, steps }: TablePlan, before: ReadonlyMap<string, Row>): RowChanges {
  const after = new Map<string, Row | undefined>();
  for (const { keyText, event } of steps) {
    const row = after.has(keyText) ? after.get(keyText) : before.get(keyText);
    const key = keys.get(keyText) ?? {}; // the plan made a key for each step
    const next = atEvent(title, event, () => table.fold(row, event, key));
    if (next !== undefined && rowKeyText(table, next) !== keyText) throw movedKey(title, event, keyText);
    after.set(keyText, next);
  }
  const upserts: Row[] = [];
  const deletes: RowKey[] = [];
  for (const [keyText, row] of after) {
    if (row === before.get(keyText)) continue;
    if (row === undefined)
      deletes.push(keys.get(keyText) ?? {}); // as above
    else upserts.push(row);
  }
  return { table: name, upserts, deletes };
}

function hasChanges({ upserts, deletes }: RowChanges): boolean {
  return upserts.length + deletes.length > 0;
}

function movedKey(title: string, event: RecordedEvent, keyText: string): KirokuError {
  return new KirokuError(
    'DefinitionInvalid',
    `${title} was asked for row ${keyText} of event ${event.position} (${event.type}) and returned a row with another key. Return a row with the key it got.`,
  );
}
