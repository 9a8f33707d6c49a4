import {
  type EventStore,
  isKirokuError,
  KirokuError,
  type ParkedAddress,
  type ParkedKeyStore,
  type ParkedOutcome,
  type ParkedQueue,
  type RecordedEvent,
  type Row,
  type RowKey,
  rowKeyText,
  type SettleParked,
} from '@kiroku/core';
import { checkRowOf } from '../rebuild-projection/check-row.ts';
import { foldLog } from '../rebuild-projection/fold-log.ts';
import { MemoryFold } from '../rebuild-projection/memory-fold.ts';
import { parkingFault } from '../rebuild-projection/parking.ts';
import { distinctKeys } from './check-keys.ts';
import { foldRow } from './fold-batch.ts';

export interface RetryParkedKeyOptions {
  /** With personal data readable, as the projections see it. */
  readonly eventStore: Pick<EventStore, 'readLog'>;
  readonly parkedKeys: ParkedKeyStore;
  readonly parked: ParkedAddress;
  /** Leaves the event out that failed first. Default false. */
  readonly skip?: boolean;
}

const mostTries = 10;

/**
 * Folds the parked events of a key onto its row, in order. If all succeed the key follows the log again; else it stays parked from the event
 * that fails now. An event whose keys could not be told stands before later events of its rows: these are folded anew from their whole history,
 * which reads the log.
 */
export async function retryParkedKey(options: RetryParkedKeyOptions): Promise<void> {
  for (let tries = 1; ; tries++) {
    const queue = await options.parkedKeys.parked(options.parked);
    if (queue === undefined) return;
    try {
      await settle(options, queue);
      return;
    } catch (error) {
      // another event of the key was parked meanwhile
      if (tries === mostTries || !isKirokuError(error, 'CheckpointConflict')) throw error;
    }
  }
}

async function settle({ eventStore, parkedKeys, parked, skip = false }: RetryParkedKeyOptions, queue: ParkedQueue): Promise<void> {
  const { positions } = queue;
  const events = await readAt(eventStore, skip ? positions.slice(1) : positions, parked);
  const { keys, fold } =
    queue.key === undefined ? await planKeyless({ eventStore, parked }, events, queue) : planQueue(parked, queue.key, events);
  try {
    await parkedKeys.settleParked({ parked, positions, keys, fold });
  } catch (error) {
    if (!isKirokuError(error, 'RowInvalid')) throw error;
    // the database refuses a row: what is parked stays, with this fault
    const rest = restOf(events, error);
    if (rest === undefined) throw error;
    await parkedKeys.settleParked({ parked, positions, keys: [], fold: () => ({ changes: none, rest }) });
  }
}

interface Plan {
  readonly keys: readonly RowKey[];
  readonly fold: SettleParked['fold'];
}

const none = { upserts: [], deletes: [] };

function planQueue({ projection, table: name }: ParkedAddress, key: RowKey, events: readonly RecordedEvent[]): Plan {
  const title = `${projection.name}.${name}`;
  const table = tableOf(projection.tables, name);
  const of = { title, table, check: checkRowOf(title, table) };
  const keyText = rowKeyText(table, key);
  const fold = (rows: ReadonlyMap<string, Row>): ParkedOutcome => {
    const before = rows.get(keyText);
    let row = before;
    for (const [index, event] of events.entries()) {
      try {
        row = foldRow(of, row, event, { keyText, key });
      } catch (error) {
        const rest = restOf(events.slice(index), error);
        return { changes: changesOf(key, before, row), ...(rest && { rest }) };
      }
    }
    return { changes: changesOf(key, before, row) };
  };
  return { keys: [key], fold };
}

/** An event whose keys are told now, or still not. */
async function planKeyless(
  { eventStore, parked: { projection, table: name } }: Pick<RetryParkedKeyOptions, 'eventStore' | 'parked'>,
  events: readonly RecordedEvent[],
  { checkpoints }: ParkedQueue,
): Promise<Plan> {
  const table = tableOf(projection.tables, name);
  const [event] = events;
  if (event === undefined) return { keys: [], fold: () => ({ changes: none }) };
  let keys: ReadonlyMap<string, RowKey>;
  try {
    keys = distinctKeys(`${projection.name}.${name}`, table, table.keys(event));
  } catch (error) {
    const rest = restOf(events, error);
    return { keys: [], fold: () => ({ changes: none, ...(rest && { rest }) }) };
  }
  const refold = new MemoryFold({ projection, only: { [name]: new Set(keys.keys()) }, positions: checkpoints });
  // most of the log before the partitions are locked
  await foldLog({ eventStore, folds: [refold], until: Math.min(...checkpoints) });
  const fold = async (rows: ReadonlyMap<string, Row>, positions: readonly number[]): Promise<ParkedOutcome> => {
    refold.limitTo(positions);
    await foldLog({ eventStore, folds: [refold], until: Math.max(...positions) });
    const folded = refold.tables.find((each) => each.name === name)?.rows;
    const changes = [...keys].map(([keyText, key]) => changesOf(key, rows.get(keyText), folded?.get(keyText)));
    return {
      changes: { upserts: changes.flatMap(({ upserts }) => upserts), deletes: changes.flatMap(({ deletes }) => deletes) },
      parks: [...refold.parked()].filter((waiting) => waiting.table === name && keys.has(waiting.keyText)),
    };
  };
  return { keys: [...keys.values()], fold };
}

function restOf(events: readonly RecordedEvent[], error: unknown): ParkedOutcome['rest'] {
  const fault = parkingFault(error);
  const [first] = events;
  return first && { positions: events.map(({ position }) => position), eventType: first.type, fault };
}

function changesOf(key: RowKey, before: Row | undefined, after: Row | undefined): ParkedOutcome['changes'] {
  if (after === before) return none;
  return after === undefined ? { upserts: [], deletes: [key] } : { upserts: [after], deletes: [] };
}

async function readAt(
  eventStore: Pick<EventStore, 'readLog'>,
  positions: readonly number[],
  { projection }: ParkedAddress,
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (const position of positions) {
    const page = await eventStore.readLog({ after: position - 1, until: position, pageSize: 1 });
    const [event] = page.events;
    if (event === undefined) throw new KirokuError('NotFound', `The log has no event at position ${position}, which is parked.`);
    events.push(projection.upcast(event));
  }
  return events;
}

function tableOf<T>(tables: { readonly [name: string]: T }, name: string): T {
  const table = tables[name];
  if (table === undefined) throw new KirokuError('DefinitionInvalid', `There is no table "${name}".`);
  return table;
}
