import type { EventMetadata, RecordedEvent } from '@kiroku/core';
import type { SentCommand } from '@kiroku/postgres';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CauseNode, causeTree } from './cause-tree.ts';

const event = (id: string, metadata: EventMetadata): RecordedEvent => ({
  position: 1,
  stream: 'order-1',
  version: 1,
  id,
  type: id,
  schemaVersion: 1,
  data: {},
  metadata,
  tags: [],
  recordedAt: '2026-11-24T10:00:00.000000Z',
});

/** Ids, nested: `['place', ['Placed', ['reserve', ['Reserved']]]]`. */
type Shape = readonly (string | Shape)[];
const shape = (tree: readonly CauseNode[]): Shape =>
  tree.flatMap((node) => [node.kind === 'event' ? node.event.id : node.id, ...(node.led.length > 0 ? [shape(node.led)] : [])]);

describe('the tree of causes', () => {
  test('has commands and events under what led to them', () => {
    const tree = causeTree([
      event('Placed', { commandId: 'place', commandType: 'PlaceOrder', causationId: 'place', actor: 'ada' }),
      event('Counted', { commandId: 'place', causationId: 'place' }),
      event('Reserved', { commandId: 'reserve', commandCausationId: 'Placed', causationId: 'reserve' }),
      event('Confirmed', { commandId: 'confirm', commandCausationId: 'Reserved', causationId: 'confirm' }),
    ]);
    expect(shape(tree)).toEqual(['place', ['Placed', ['reserve', ['Reserved', ['confirm', ['Confirmed']]]], 'Counted']]);
    expect(tree[0]).toMatchObject({ kind: 'command', id: 'place', type: 'PlaceOrder', actor: 'ada' });
  });

  test('has commands that left no event, where process managers sent them', () => {
    const refusal = { rejected: true, code: 'OutOfStock', message: 'There is none.', details: {} } as const;
    const sent: readonly SentCommand[] = [
      { id: 'reserve', type: 'ReserveStock', metadata: { causationId: 'Placed' }, outcome: { accepted: false, rejection: refusal } },
      { id: 'tell', type: 'TellCustomer', metadata: { causationId: 'Cancelled' }, outcome: undefined },
      { id: 'cancel', type: 'CancelOrder', metadata: { causationId: 'reserve' }, outcome: { accepted: true, position: 2 } },
    ];
    const tree = causeTree(
      [event('Placed', { commandId: 'place' }), event('Cancelled', { commandId: 'cancel', commandCausationId: 'reserve' })],
      sent,
    );
    expect(shape(tree)).toEqual(['place', ['Placed', ['reserve', ['cancel', ['Cancelled', ['tell']]]]]]);
    expect(JSON.stringify(tree)).toContain('"refused":"OutOfStock"');
    expect(JSON.stringify(tree)).toContain('"underWay":true');
  });

  test('says of a command after one that left no event what it came after', () => {
    const tree = causeTree([event('Cancelled', { commandId: 'cancel', commandCausationId: 'refused' })]);
    expect(tree).toMatchObject([{ kind: 'command', id: 'cancel', causedBy: 'refused', led: [{ event: { id: 'Cancelled' } }] }]);
  });

  test('has events without a command under their cause, or at the top', () => {
    expect(shape(causeTree([event('A', {}), event('B', { causationId: 'A' }), event('C', { causationId: 'elsewhere' })]))).toEqual([
      'A',
      ['B'],
      'C',
    ]);
  });

  test('has every event once, also when somebody has made a circle', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const some = fc.record({
      causationId: fc.constantFrom(...ids),
      commandId: fc.constantFrom(...ids, undefined),
      commandCausationId: fc.constantFrom(...ids),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 4 }), (list) => {
        const events = list.map((metadata, index) => event(`${ids[index]}`, JSON.parse(JSON.stringify(metadata))));
        const seen = shape(causeTree(events))
          .flat(20)
          .filter((id) => events.some((one) => one.id === id));
        expect(seen.sort()).toEqual(events.map(({ id }) => id).sort());
      }),
    );
  });
});
