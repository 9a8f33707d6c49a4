import { KirokuError, type ParkedEvent, type Projection, partitionOf, type RecordedEvent, type Row, rowKeyText } from '@kiroku/core';
import { foldOneByOne, InMemoryEventStore, ledger, ledgerMoves, recordedAs } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchFold } from '../run-projection/fold-batch.ts';
import { foldLog } from './fold-log.ts';
import { progressLines, readProgress } from './fold-progress.ts';
import { MemoryFold } from './memory-fold.ts';
import { wholeShare } from './share.ts';

const histories = ledgerMoves.map((moves) => moves.map((move, index) => recordedAs(index + 1, move)));

describe('a fold in memory', () => {
  test('amounts to the events folded one at a time', () => {
    fc.assert(
      fc.property(histories, (events) => {
        expect(rowsOf([foldAll(ledger, events)])).toEqual(sorted(foldOneByOne(ledger, events)));
      }),
    );
  });

  test('in shares of the keys amounts to the same rows', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 40 }), (events, halveAt) => {
        const first = new MemoryFold({ projection: ledger });
        first.fold(events.slice(0, halveAt), halveAt);
        const other = new MemoryFold({ projection: ledger, share: first.halve() });
        first.fold(events, events.length);
        other.fold(events, events.length);
        expect(rowsOf([first, other])).toEqual(sorted(foldOneByOne(ledger, events)));
      }),
    );
  });

  test('parks what the live path parks, and queues behind it what the live path queues', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }), (events, failing) => {
        const broken = failingAt(ledger, new Set(failing));
        const fold = foldAll(broken, events);
        const live = foldLive(broken, events);
        expect(rowsOf([fold])).toEqual(live.rows);
        expect(parkedOf(fold.parked())).toEqual(parkedOf(live.parked));
      }),
    );
  });

  test('that is kept and read again goes on as if nothing had been', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.integer({ min: 0, max: 30 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
        async (events, cut, failing) => {
          const broken = failingAt(ledger, new Set(failing));
          const fold = new MemoryFold({ projection: broken });
          fold.fold(events.slice(0, cut), Math.min(cut, events.length));
          const kept = await readProgress(broken, progressLines({ fold, pending: [wholeShare], parked: [], sums: {} }));
          kept?.fold.fold(events, events.length);
          const whole = foldAll(broken, events);
          expect(kept?.pending).toEqual([wholeShare]);
          expect(rowsOf(kept === undefined ? [] : [kept.fold])).toEqual(rowsOf([whole]));
          expect(parkedOf(kept?.fold.parked() ?? [])).toEqual(parkedOf(whole.parked()));
        },
      ),
    );
  });

  test('up to a position for each partition leaves out what came later there', () => {
    fc.assert(
      fc.property(histories, fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)), (events, positions) => {
        const fold = new MemoryFold({ projection: ledger, positions });
        fold.fold(events, events.length);
        const expected = positions.flatMap((position, partition) =>
          tableRows(foldAll(ledger, events.slice(0, position))).filter(({ keyText }) => partitionOf(keyText, 3) === partition),
        );
        expect(tableRows(fold)).toEqual(expect.arrayContaining(expected));
        expect(tableRows(fold)).toHaveLength(expected.length);
      }),
    );
  });

  test('stops at an event that the code does not know, instead of parking it', () => {
    const [event] = [recordedAs(1, { type: 'Deposited', data: { account: 'a', amount: 1 } })];
    const fold = new MemoryFold({ projection: ledger });
    expect(() => fold.fold([{ ...event, schemaVersion: 2 } as RecordedEvent], 1)).toThrow(
      expect.objectContaining({ code: 'UnknownEvent' }),
    );
  });

  test('parks an event whose keys cannot be told under its position', () => {
    const fold = foldAll(keylessAt(ledger, 1), [recordedAs(1, { type: 'Deposited', data: { account: 'a', amount: 1 } })]);
    expect(rowsOf([fold]).account).toEqual([]);
    expect([...fold.parked()]).toMatchObject([{ table: 'account', keyText: '#1', position: 1, fault: { message: 'no keys' } }]);
  });
});

describe('folding a log', () => {
  test('within less memory than its rows takes more passes and comes to the same', async () => {
    const store = new InMemoryEventStore();
    const accounts = Array.from({ length: 4_000 }, (_, index) => `account-${index}`);
    const events = accounts.map((account) => ({ type: 'Deposited', data: { account, amount: 1 } }));
    await store.append({ streams: [{ stream: 'ledger-1', expectedVersion: 'any', events }] });
    const pending = [wholeShare];
    const folds: MemoryFold[] = [];
    for (let share = pending.pop(); share !== undefined; share = pending.pop()) {
      const fold = new MemoryFold({ projection: ledger, share });
      folds.push(fold);
      await foldLog({
        eventStore: store,
        folds: [fold],
        until: 4_000,
        pageSize: 500,
        memoryBytes: 3_000_000,
        onGivenUp: (_, given) => pending.push(given),
      });
    }
    expect(folds.length).toBeGreaterThan(2);
    for (const fold of folds) expect(fold.bytes).toBeLessThan(1_000_000);
    const all = await store.readLog({ pageSize: 10_000 });
    expect(rowsOf(folds)).toEqual(sorted(foldOneByOne(ledger, all.events)));
  });
});

function foldAll(projection: Projection, events: readonly RecordedEvent[]): MemoryFold {
  const fold = new MemoryFold({ projection });
  fold.fold(events, events.length);
  return fold;
}

type Rows = { readonly [table: string]: readonly object[] };

function rowsOf(folds: readonly MemoryFold[]): Rows {
  const names = Object.keys(ledger.tables);
  return sorted(
    Object.fromEntries(
      names.map((name) => [
        name,
        folds.flatMap(({ tables }) => tables.filter((table) => table.name === name).flatMap(({ rows }) => [...rows.values()])),
      ]),
    ),
  );
}

function tableRows(fold: MemoryFold): { readonly table: string; readonly keyText: string; readonly row: Row }[] {
  return fold.tables.flatMap(({ name, rows }) => [...rows].map(([keyText, row]) => ({ table: name, keyText, row })));
}

function sorted(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([name, list]) => [name, [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))]),
  );
}

function parkedOf(events: Iterable<ParkedEvent>): readonly string[] {
  return [...events].map(({ table, keyText, position, fault }) => `${table} ${keyText} ${position} ${fault?.message ?? 'waits'}`).sort();
}

/** The live path, a batch for each event. */
function foldLive(
  projection: Projection,
  events: readonly RecordedEvent[],
): { readonly rows: Rows; readonly parked: readonly ParkedEvent[] } {
  const rows: { [table: string]: Map<string, Row> } = Object.fromEntries(Object.keys(projection.tables).map((name) => [name, new Map()]));
  const keys: { [table: string]: Set<string> } = Object.fromEntries(Object.keys(projection.tables).map((name) => [name, new Set()]));
  const parked: ParkedEvent[] = [];
  const fold = batchFold(projection);
  for (const event of events) {
    const { changes, parks } = fold([event]).fold({ rows, parked: keys });
    for (const { table, upserts, deletes } of changes) {
      const definition = projection.tables[table] ?? { key: [] };
      for (const row of upserts) rows[table]?.set(rowKeyText(definition, row), row);
      for (const key of deletes) rows[table]?.delete(rowKeyText(definition, key));
    }
    for (const park of parks) keys[park.table]?.add(park.keyText);
    parked.push(...parks);
  }
  return { rows: sorted(Object.fromEntries(Object.entries(rows).map(([name, map]) => [name, [...map.values()]]))), parked };
}

function failingAt(projection: Projection, positions: ReadonlySet<number>): Projection {
  const { account, ...others } = projection.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const fold: typeof account.fold = (row, event, key) => {
    if (!positions.has(event.position)) return account.fold(row, event, key);
    if (event.position % 3 === 0) throw new KirokuError('BadRequest', 'refused');
    return event.position % 3 === 1 ? { ...row, surplus: 1 } : { ...key, id: 'elsewhere' };
  };
  return { ...projection, tables: { ...others, account: { ...account, fold } } };
}

function keylessAt(projection: Projection, position: number): Projection {
  const { account, ...others } = projection.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const keys: typeof account.keys = (event) => {
    if (event.position === position) throw new Error('no keys');
    return account.keys(event);
  };
  return { ...projection, tables: { ...others, account: { ...account, keys } } };
}
