import type { AppendRequest, StreamName } from '@kiroku/core';
import fc from 'fast-check';

const streamNumber = fc.integer({ min: 1, max: 4 });
const tags = fc.uniqueArray(fc.constantFrom('red', 'green', 'blue'), { maxLength: 2 });
const types = fc.uniqueArray(fc.constantFrom('A', 'B'), { minLength: 1 });
const expectation = fc.oneof(
  { weight: 3, arbitrary: fc.constant('any' as const) },
  { weight: 1, arbitrary: fc.constantFrom('noStream' as const, 'exists' as const) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 6 }) },
);
const part = fc.record({
  stream: streamNumber,
  expectedVersion: expectation,
  events: fc.array(fc.record({ type: fc.constantFrom('A', 'B'), tags }), { maxLength: 3 }),
});
const condition = fc.record({
  query: fc.array(fc.record({ types: fc.option(types, { nil: undefined }), tags: fc.option(tags, { nil: undefined }) }), { maxLength: 2 }),
  after: fc.integer({ min: 0, max: 12 }),
});
const request = fc.record({
  parts: fc.uniqueArray(part, { selector: ({ stream }) => stream, minLength: 1, maxLength: 3 }),
  conditions: fc.array(condition, { maxLength: 2 }),
});

/** Appends that get in each other's way: few streams and tags, and positions as if the log began at `base`. */
export const appendRequests: fc.Arbitrary<(run: number, base: number) => readonly AppendRequest[]> = fc
  .array(request, { minLength: 2, maxLength: 40 })
  .map(
    (plans) => (run, base) =>
      plans.map(({ parts, conditions }, append) => ({
        streams: parts.map(({ stream, expectedVersion, events }) => ({
          stream: `s${stream}-${run}` satisfies StreamName,
          expectedVersion,
          events: events.map(({ type, tags }, index) => ({
            type,
            tags,
            data: {},
            metadata: { causationId: `${run}/${append}/${stream}/${index}` },
          })),
        })),
        conditions: conditions.map(({ query, after }) => ({
          query: query.map(({ types, tags }) => ({ ...(types && { types }), ...(tags && { tags }) })),
          after: base + after,
        })),
      })),
  );
