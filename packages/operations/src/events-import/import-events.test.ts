import { Readable } from 'node:stream';
import type { AppendRequest, EventStore, NewEvent, StreamName } from '@kiroku/core';
import { InMemoryEventStore } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportEvents } from '../events-export/export-events.ts';
import { type ImportOptions, type ImportTarget, importEvents } from './import-events.ts';

async function logOf(...streams: readonly StreamName[]): Promise<EventStore> {
  const store = new InMemoryEventStore();
  for (const [index, stream] of streams.entries()) {
    const event: NewEvent = { type: 'Moved', data: { to: `${index} ü` }, tags: [`n:${index}`], metadata: { actor: 'ada' } };
    await store.append({ streams: [{ stream, expectedVersion: 'any', events: [event] }] });
  }
  return store;
}

async function exported(
  store: EventStore,
  options: { readonly toPosition?: number; readonly types?: readonly string[] } = {},
): Promise<string> {
  const { toPosition, types } = options;
  let text = '';
  await exportEvents(store, {
    write: async (lines) => {
      text += lines;
    },
    filter: { ...(types && { types }) },
    ...(toPosition !== undefined && { toPosition }),
  });
  return text;
}

function targetOf(store: EventStore): ImportTarget {
  return {
    store,
    findEventsAt: (places) =>
      Promise.all(
        places.map(async ({ stream, version }) => {
          const [event] = await store.readStream(stream, { fromVersion: version, limit: 1 });
          return event && { ...event, data: JSON.stringify(event.data) };
        }),
      ),
    findKnownIds: async (ids) => {
      const { events } = await store.readLog({ pageSize: 10_000 });
      return new Set(events.map(({ id }) => id).filter((id) => ids.includes(id)));
    },
  };
}

function importText(store: EventStore, text: string, options: Partial<ImportOptions> = {}) {
  return importEvents(targetOf(store), { open: () => Readable.from(pieces(text)), rereadable: true, ...options });
}

// as a file comes: cut anywhere, also within characters
function* pieces(text: string): Generator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 77) yield bytes.subarray(at, at + 77);
}

const contents = async (store: EventStore) =>
  (await store.readLog({ pageSize: 10_000 })).events.map(({ id, stream, version, type, data, tags }) => ({
    id,
    stream,
    version,
    type,
    data,
    tags,
  }));

describe('an export that is imported into an empty log', () => {
  test('gives the same events in the same order, whatever streams they are of', async () => {
    const names = fc.array(fc.constantFrom<StreamName>('order-1', 'order-2', 'stock-1'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(names, async (streams) => {
        const [from, to] = [await logOf(...streams), new InMemoryEventStore()];
        const report = await importText(to, await exported(from));
        expect(report).toMatchObject({ events: streams.length, imported: streams.length, alreadyThere: 0 });
        expect(await contents(to)).toEqual(await contents(from));
      }),
      { numRuns: 30 },
    );
  });

  test('says in the metadata where each event stood', async () => {
    const [from, to] = [await logOf('order-1'), new InMemoryEventStore()];
    await importText(to, await exported(from));
    const [original] = (await from.readLog()).events;
    const [event] = (await to.readLog()).events;
    const { log } = await from.head();
    expect(event?.metadata).toEqual({ actor: 'ada', importedFrom: { log: log.id, position: 1, recordedAt: original?.recordedAt } });
  });

  test('goes on where it stopped, wherever that was', async () => {
    const from = await logOf('order-1', 'order-2', 'order-1', 'stock-1', 'order-2', 'order-1');
    for (let stop = 0; stop <= 6; stop++) {
      const to = new InMemoryEventStore();
      await importText(to, await exported(from, { toPosition: stop }));
      expect(await importText(to, await exported(from))).toMatchObject({ imported: 6 - stop, alreadyThere: stop });
      expect(await contents(to)).toEqual(await contents(from));
    }
  });

  test('changes nothing in a dry run, and says what would be imported', async () => {
    const [from, to] = [await logOf('order-1', 'order-1'), new InMemoryEventStore()];
    expect(await importText(to, await exported(from), { dryRun: true })).toMatchObject({ events: 2, imported: 2 });
    expect(await contents(to)).toEqual([]);
  });
});

describe('an import is refused, and names the line', () => {
  const refused = (line: number, reason: string) => ({
    code: 'ImportRefused',
    details: { line },
    message: expect.stringMatching(new RegExp(`^Line ${line} cannot be imported: .*${reason}`)),
  });
  const emptyAfter = async (text: string, options: Partial<ImportOptions>, refusal: object) => {
    const to = new InMemoryEventStore();
    await expect(importText(to, text, options)).rejects.toMatchObject(refusal);
    expect(await contents(to)).toEqual([]);
  };

  test('for a line that was cut off or is no event, before anything is appended', async () => {
    const text = await exported(await logOf('order-1', 'order-1', 'order-1'));
    await emptyAfter(text.slice(0, -20), {}, refused(3, 'no JSON'));
    await emptyAfter(text.replace('"specversion":"1.0"', '"specversion":"9"'), {}, refused(1, 'specversion'));
    await emptyAfter(text.replace('"data":{', '"data":{"big":9007199254740993,'), {}, refused(1, 'number 9007199254740993'));
    await emptyAfter(text.replace('"type":"Moved"', '"type":"Has spaces"'), {}, refused(1, 'event type'));
  });

  test('for an event that is there twice, or out of order', async () => {
    const [first = '', second = ''] = (await exported(await logOf('order-1', 'order-2'))).split('\n');
    await emptyAfter([first, second, second].join('\n'), {}, refused(3, 'it is there twice'));
    await emptyAfter([second, first].join('\n'), {}, refused(2, 'order was lost'));
  });

  test('for versions that do not continue: in the file, and in the log', async () => {
    const lines = (await exported(await logOf('order-1', 'order-1', 'order-1'))).split('\n');
    await emptyAfter([lines[0], lines[2]].join('\n'), {}, refused(2, 'version 3 of order-1'));
    await emptyAfter(lines.slice(1).join('\n'), {}, refused(1, 'does not continue'));
    await emptyAfter(lines.slice(1).join('\n'), { dryRun: true }, refused(1, 'neither in the log nor in the file'));
  });

  test('for events of two logs', async () => {
    const [one, other] = [await exported(await logOf('order-1')), await exported(await logOf('stock-1', 'stock-1'))];
    await emptyAfter(one + other.split('\n')[1], {}, refused(2, 'it is from log'));
  });

  test('into a log with other events, unless it is to be added to them', async () => {
    const [from, to] = [await logOf('order-1'), await logOf('stock-1')];
    await expect(importText(to, await exported(from))).rejects.toMatchObject(refused(1, 'the log has 1 events'));
    expect(await importText(to, await exported(from), { append: true })).toMatchObject({ imported: 1, lastPosition: 2 });
  });

  test('into the log it is from', async () => {
    const log = await logOf('order-1');
    await expect(importText(log, await exported(log), { append: true })).rejects.toMatchObject(refused(1, 'is in the log already'));
  });

  test('for an event that an import of something else has brought', async () => {
    const [from, to] = [await logOf('order-1'), new InMemoryEventStore()];
    const text = await exported(from);
    await importText(to, text);
    await expect(importText(to, text.replace('"position":"1"', '"position":"2"'))).rejects.toMatchObject(
      refused(1, 'not from this import'),
    );
    const { log } = await from.head();
    const otherLog = text.replace(`kiroku:${log.id}`, 'kiroku:0193a1b2-0000-7000-8000-00000000000a');
    await expect(importText(to, otherLog)).rejects.toMatchObject(refused(1, 'not from this import'));
  });

  test('for another event in its place, and for an id that stands elsewhere', async () => {
    const [from, to] = [await logOf('order-1'), await logOf('order-1')];
    await expect(importText(to, await exported(from), { append: true })).rejects.toMatchObject(refused(1, 'another event at version 1'));
    const elsewhere = (await exported(from)).replace('order-1', 'order-9');
    await expect(importText(from, elsewhere, { append: true })).rejects.toMatchObject(refused(1, 'an event with its id'));
  });

  test('from a stream that can be read once: what stands before the line is imported', async () => {
    const text = await exported(await logOf('order-1', 'order-1', 'order-1'));
    const to = new InMemoryEventStore();
    await expect(importText(to, text.slice(0, -20), { rereadable: false })).rejects.toMatchObject(refused(3, 'no JSON'));
    expect(await importText(to, text, { rereadable: false })).toMatchObject({ events: 3 });
    expect(await contents(to)).toHaveLength(3);
  });

  test('for bytes that are no text', async () => {
    const open = () => Readable.from([Buffer.from([0x7b, 0xff, 0x0a])]);
    await expect(importEvents(targetOf(new InMemoryEventStore()), { open, rereadable: true })).rejects.toMatchObject(refused(1, 'UTF-8'));
  });
});

test('appends go as few batches: those of a page are handed over in one turn', async () => {
  const from = await logOf('order-1', 'order-2', 'order-1');
  const turns: number[] = [];
  let turn = 0;
  const to = new InMemoryEventStore();
  const spy = new Proxy(to, {
    get: (store, key) =>
      key === 'append'
        ? (request: AppendRequest) => {
            turns.push(turn);
            setImmediate(() => {
              turn += 1;
            });
            return store.append(request);
          }
        : Reflect.get(store, key).bind(store),
  });
  await importText(spy, await exported(from));
  expect(turns).toEqual([0, 0, 0]);
});
