import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitHash, hashOfEmptyLog } from '../chain/commit-hash.ts';
import { type DigestedEvent, eventDigest } from '../chain/event-digest.ts';
import type { CommitRow } from './commit-row.ts';
import { EventRowBytes } from './event-row-bytes.ts';
import type { Finding } from './finding.ts';
import { LogCheck } from './log-check.ts';

const logId = '0193a1b2-0000-7000-8000-00000000000a';
const time = 1_795_514_400_123_456; // microseconds
const recordedAt = '2026-11-24T10:00:00.123456Z';

interface Stored extends DigestedEvent {
  readonly position: number;
  readonly version: number;
  readonly recordedAt: number;
  readonly digest: Buffer;
}

const content: DigestedEvent = {
  id: '0193a1b2-0000-7000-8000-000000000001',
  stream: 'order-1',
  type: 'Placed',
  schemaVersion: 2,
  tags: ['a', 'customer:ü'],
  data: '{"total":"7 €"}',
  metadata: '{}',
};

/** A log with commits of these sizes, in which every event goes on with the stream it names. */
function logOf(sizes: readonly number[], streamOf: (position: number) => string = () => 'order-1') {
  const versions = new Map<string, number>();
  const events: Stored[] = [];
  const commits: CommitRow[] = [];
  let hash: Buffer = hashOfEmptyLog(logId);
  for (const size of sizes) {
    const firstPosition = events.length + 1;
    for (let n = 0; n < size; n++) {
      const stream = streamOf(events.length + 1);
      const version = (versions.get(stream) ?? 0) + 1;
      versions.set(stream, version);
      const event = { ...content, stream };
      events.push({ ...event, position: events.length + 1, version, recordedAt: time, digest: eventDigest(event) });
    }
    hash = commitHash(hash, { recordedAt, events: events.slice(firstPosition - 1) });
    commits.push({ firstPosition, lastPosition: events.length, recordedAt: time, hash });
  }
  return { events, commits };
}

function check(log: { readonly events: readonly Stored[]; readonly commits: readonly CommitRow[] }, pageEnds: readonly number[] = []) {
  const checking = new LogCheck({ after: 0, previousHash: hashOfEmptyLog(logId), deep: true });
  const findings: Finding[] = [];
  const questions: unknown[] = [];
  let after = 0;
  for (const until of [...pageEnds, Math.max(log.commits.at(-1)?.lastPosition ?? 0, log.events.at(-1)?.position ?? 0)]) {
    const within = (position: number) => position > after && position <= until;
    checking.begin({ commits: log.commits.filter(({ lastPosition }) => within(lastPosition)), until });
    for (const event of log.events) if (within(event.position)) checking.event(new EventRowBytes().read(copied(event), true));
    const page = checking.end();
    findings.push(...page.findings);
    questions.push(...page.questions);
    after = until;
  }
  return { findings, questions };
}

const kinds = (found: ReturnType<typeof check>) =>
  found.findings.map(({ kind, position, lastPosition = position }) => [kind, position, lastPosition]);

describe('a log that goes by', () => {
  test('is found whole, however it is cut into commits and pages', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(shape, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (sizes, cuts) => {
        const log = logOf(sizes, (position) => `order-${position % 3}`);
        const ends = log.commits.slice(0, -1).map(({ lastPosition }) => lastPosition);
        const found = check(
          log,
          ends.filter((_, index) => cuts[index]),
        );
        expect(found).toEqual({ findings: [], questions: [] });
      }),
    );
  });

  test('has each fault found once, where it is, and goes on after it', () => {
    const { events, commits } = logOf([2, 3, 1, 2]);
    const other = { ...content, data: '{"total":"0 €"}' };
    const altered = events.map((event, index) => (index === 3 ? { ...event, ...other, digest: eventDigest(other) } : event));
    expect(kinds(check({ events: altered, commits }))).toEqual([['CommitAltered', 3, 5]]);
  });

  test('names an event whose content is not its digest', () => {
    const { events, commits } = logOf([2, 3]);
    for (const change of [{ data: '{}' }, { metadata: '{"a":1}' }, { tags: ['a'] }, { tags: [] }, { type: 'Paid' }, { schemaVersion: 1 }]) {
      const altered = events.map((event, index) => (index === 3 ? { ...event, ...change } : event));
      expect(kinds(check({ events: altered, commits }))).toEqual([['EventAltered', 4, 4]]);
    }
  });

  test('names positions without an event, within pages and at their end', () => {
    const { events, commits } = logOf([3, 3, 2]);
    const left = events.filter(({ position }) => ![2, 3, 6, 8].includes(position));
    const missing = [
      ['EventMissing', 2, 3],
      ['EventMissing', 6, 6],
      ['EventMissing', 8, 8],
    ];
    expect(kinds(check({ events: left, commits }, [6]))).toEqual(missing);
  });

  test('names commits that are gone, without blaming those after them', () => {
    const { events, commits } = logOf([2, 2, 2]);
    expect(kinds(check({ events, commits: commits.toSpliced(1, 1) }))).toEqual([['CommitMissing', 3, 4]]);
    expect(kinds(check({ events, commits: commits.slice(0, 2) }))).toEqual([['CommitMissing', 5, 6]]);
  });

  test('names commits that overlap or go back in time, and events of another time', () => {
    const { events, commits } = logOf([2, 2]);
    const overlapping = commits.map((commit) => ({ ...commit, firstPosition: 1 }));
    expect(kinds(check({ events, commits: overlapping }))).toContainEqual(['CommitOverlapping', 1, 4]);
    const earlier = commits.map((commit, index) => ({ ...commit, recordedAt: time - index }));
    expect(kinds(check({ events, commits: earlier }))).toEqual([
      ['CommitTimeWrong', 3, 4],
      ['EventTimeWrong', 3, 3],
      ['EventTimeWrong', 4, 4],
      ['CommitAltered', 3, 4],
    ]);
  });

  test('names a second event at a position', () => {
    const { events, commits } = logOf([2, 1]);
    const [first] = events as [Stored]; // there are three
    expect(kinds(check({ events: [first, ...events], commits }))).toEqual([['EventRepeated', 1, 1]]);
  });

  test('asks about every version that does not follow the one before', () => {
    const { events, commits } = logOf([4]);
    const skipping = events.map((event) => (event.position > 2 ? { ...event, version: event.version + 1 } : event));
    expect(check({ events: skipping, commits }).questions).toEqual([{ stream: 'order-1', position: 3, version: 4 }]);
    const back = events.map((event) => (event.position === 3 ? { ...event, version: 1 } : event));
    expect(check({ events: back, commits }).questions).toEqual([
      { stream: 'order-1', position: 3, version: 1 },
      { stream: 'order-1', position: 4, version: 4 },
    ]);
  });

  test('that is taken up in the middle is asked about the streams met for the first time', () => {
    const checking = new LogCheck({ after: 10, previousHash: undefined, deep: false });
    checking.begin({ commits: [{ firstPosition: 11, lastPosition: 12, recordedAt: time, hash: Buffer.alloc(32) }], until: 12 });
    for (const [position, version] of [
      [11, 5],
      [12, 6],
    ] as const) {
      checking.event(new EventRowBytes().read(copied({ ...content, position, version, recordedAt: time, digest: Buffer.alloc(32) }), true));
    }
    expect(checking.end()).toMatchObject({ findings: [], questions: [{ stream: 'order-1', position: 11, version: 5 }] });
  });
});

test('the digest of a copied row is the digest of the event', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const event = fc.record({
    id: fc.uuid(),
    stream: text,
    type: text,
    schemaVersion: fc.integer({ min: 1, max: 2_147_483_647 }),
    tags: fc.array(text, { maxLength: 4 }),
    data: fc.oneof(text, fc.string({ minLength: 20_000, maxLength: 20_100 })),
    metadata: text,
  });
  fc.assert(
    fc.property(event, (given) => {
      const row = copied({ ...given, position: 1, version: 1, recordedAt: time, digest: Buffer.alloc(32) });
      expect(new EventRowBytes().read(row, true).computeDigest()).toEqual(eventDigest(given));
    }),
  );
});

/** The row as COPY sends it. */
function copied(event: Stored): Buffer {
  const { position, version, digest, id, stream, type, schemaVersion, tags, data, metadata } = event;
  const fields = [
    int64(position),
    int64(event.recordedAt - 946_684_800_000_000),
    int32(version),
    streamHash(stream),
    digest,
    Buffer.from(id.replaceAll('-', ''), 'hex'),
    Buffer.from(stream),
    Buffer.from(type),
    int32(schemaVersion),
    textArray(tags),
    Buffer.from(data),
    Buffer.from(metadata),
  ];
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  return Buffer.concat([count, ...fields.flatMap((field) => [int32(field.length), field])]);
}

function textArray(texts: readonly string[]): Buffer {
  const elements = texts.map((text) => Buffer.from(text)).flatMap((text) => [int32(text.length), text]);
  const shape = texts.length === 0 ? [] : [int32(texts.length), int32(1)];
  return Buffer.concat([int32(texts.length === 0 ? 0 : 1), int32(0), int32(25), ...shape, ...elements]);
}

function streamHash(stream: string): Buffer {
  return eventDigest({ ...content, stream }).subarray(0, 8);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
