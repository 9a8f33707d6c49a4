import { type JsonObject, type RecordedEvent, toCloudEvent } from '@kiroku/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromCloudEvent } from './from-cloud-event.ts';

const log = { id: '0193a1b2-0000-7000-8000-00000000000a', timeline: 2 };
const event: RecordedEvent = {
  position: 4_711,
  stream: 'order-1',
  version: 3,
  id: '0193a1b2-0000-7000-8000-000000000001',
  type: 'Placed',
  schemaVersion: 2,
  data: { total: 7 },
  metadata: { correlationId: 'c' },
  tags: ['customer:1'],
  recordedAt: '2026-11-24T10:00:00.123456Z',
};

describe('an exported event', () => {
  test('is a CloudEvent, with what it has no attribute for as extensions of simple types', () => {
    expect(toCloudEvent(event, log)).toEqual({
      specversion: '1.0',
      id: event.id,
      source: `kiroku:${log.id}`,
      type: 'Placed',
      subject: 'order-1',
      time: '2026-11-24T10:00:00.123456Z',
      datacontenttype: 'application/json',
      timeline: 2,
      position: '4711',
      version: 3,
      schemaversion: 2,
      tags: '["customer:1"]',
      metadata: '{"correlationId":"c"}',
      data: { total: 7 },
    });
    for (const name of Object.keys(toCloudEvent(event, log))) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  });

  test('reads back as it was', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
    const any = fc.record({
      position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      version: fc.integer({ min: 1, max: 2_147_483_647 }),
      data: object,
      tags: fc.array(fc.string()),
    });
    fc.assert(
      fc.property(any, (some) => {
        const line = JSON.stringify(toCloudEvent({ ...event, ...some }, log));
        expect(fromCloudEvent(JSON.parse(line))).toEqual({ ...event, ...some, log });
      }),
    );
  });

  test.each([
    ['a text', 'it is no JSON object'],
    [{ specversion: '0.3' }, 'specversion cannot be "0.3"'],
    [{ id: 'one' }, 'id cannot be "one"'],
    [{ id: undefined }, 'it has no attribute id'],
    [{ source: 'https://example.org' }, 'source cannot be'],
    [{ subject: '' }, 'subject cannot be'],
    [{ time: 'yesterday' }, 'time cannot be'],
    [{ position: 4_711 }, 'position cannot be 4711'],
    [{ position: '99999999999999999999' }, 'position cannot be'],
    [{ version: 0 }, 'version cannot be 0'],
    [{ version: 2_147_483_648 }, 'version cannot be'],
    [{ metadata: '[]' }, 'metadata is no JSON object'],
    [{ tags: '{"a":1}' }, 'tags is no JSON array of texts'],
    [{ data: [] }, 'data cannot be []'],
  ])('that was damaged to %o is refused', (change, fault) => {
    const damaged = typeof change === 'string' ? change : JSON.parse(JSON.stringify({ ...toCloudEvent(event, log), ...change }));
    expect(fromCloudEvent(damaged)).toEqual({ fault: expect.stringContaining(fault) });
  });
});
