import { type JsonObject, type Projection, type RecordedEvent, type Row, rowKeyText } from '@kiroku/core';
import { batchFold, MemoryFold } from '@kiroku/engine';
import { shop } from '@kiroku/shop';
import { recordedAs } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const id = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('Kettle', 'Tee 茶', 'broken\0');
const moment = fc.constantFrom('2026-11-24T10:00:00.000Z', '2026-11-25T01:00:00Z', 'yesterday');
const count = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.constant(0.5));
const money = fc.oneof(
  { weight: 9, arbitrary: fc.record({ amount: fc.integer({ min: 0, max: 999 }), currency: fc.constantFrom('EUR', 'USD') }) },
  fc.constant(null),
);

/** Data that has every field of every event of the shop, a few of them such that folds fail or rows are invalid. */
const data: fc.Arbitrary<JsonObject> = fc.record({
  categoryId: id,
  previousCategoryId: id,
  parentId: fc.option(id),
  productId: id,
  customerId: id,
  orderId: id,
  name: text,
  description: text,
  email: text,
  reason: text,
  price: money,
  total: money,
  quantity: count,
  change: count,
  itemCount: count,
  lines: fc.constant([{ productId: 'a', quantity: 1 }]),
  placedAt: moment,
  confirmedAt: moment,
  cancelledAt: moment,
});

describe.each(shop.projections.map((projection) => [projection.name, projection] as const))('%s', (_, projection) => {
  test('folded in memory comes to what its events come to one at a time, with the same keys parked', () => {
    const histories = fc.array(fc.record({ type: fc.constantFrom(...projection.eventTypes), data }), { maxLength: 60 });
    fc.assert(
      fc.property(histories, (moves) => {
        const events = moves.map((move, index) => recordedAs(index + 1, move));
        const fold = new MemoryFold({ projection });
        fold.fold(events, events.length);
        const parked = [...fold.parked()].map(({ table, keyText, position }) => `${table} ${keyText} ${position}`);
        const oneByOne = foldOneByOne(projection, events);
        expect(Object.fromEntries(fold.tables.map(({ name, rows }) => [name, rows]))).toEqual(oneByOne.rows);
        expect(parked.sort()).toEqual(oneByOne.parked.sort());
      }),
    );
  });
});

/** As the live path does, a batch for each event. */
function foldOneByOne(projection: Projection, events: readonly RecordedEvent[]) {
  const names = Object.keys(projection.tables);
  const rows = Object.fromEntries(names.map((name) => [name, new Map<string, Row>()]));
  const keys = Object.fromEntries(names.map((name) => [name, new Set<string>()]));
  const parked: string[] = [];
  const fold = batchFold(projection);
  for (const event of events) {
    const { changes, parks } = fold([event]).fold({ rows, parked: keys });
    for (const { table, upserts, deletes } of changes) {
      const definition = projection.tables[table] ?? { key: [] };
      for (const row of upserts) rows[table]?.set(rowKeyText(definition, row), row);
      for (const key of deletes) rows[table]?.delete(rowKeyText(definition, key));
    }
    for (const { table, keyText, position } of parks) {
      keys[table]?.add(keyText);
      parked.push(`${table} ${keyText} ${position}`);
    }
  }
  return { rows, parked };
}
