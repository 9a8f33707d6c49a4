import { defineEvents, type EventStore, type JsonObject, type JsonValue, jsonFault, type NewEvent, type RecordedEvent } from '@kiroku/core';
import { anySchema, eventStoreContract, InMemoryEventStore, InMemoryKeyStore } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { encryptedEventStore } from './encrypted-event-store.ts';

const schema = anySchema<JsonObject>();
const subject = (data: JsonObject) => (typeof data.id === 'string' ? data.id : '');
const events = defineEvents({
  Registered: { schema, personal: { subject, fields: ['name', 'address.street'] } },
  Counted: { schema, personal: { subject, fields: ['children'], forgotten: { children: 0 } } },
  Anything: { schema, personal: { subject, fields: ['value'], forgotten: { value: null } } },
  Sold: { schema },
});
const aggregates = [{ events }];

/** A log, the same log as an application sees it, and the keys. */
function installation(maxAgeMs = 0) {
  const log = new InMemoryEventStore();
  const keys = new InMemoryKeyStore();
  const store = encryptedEventStore(log, { aggregates, keys, keyCache: { maxAgeMs } });
  const append = (...all: NewEvent[]) => store.append({ streams: [{ stream: 'person-1', expectedVersion: 'any', events: all }] });
  return { log, keys, store, append };
}

const ada: NewEvent = {
  type: 'Registered',
  data: { id: 'ada', name: 'Ada Lovelace', address: { street: 'Dorset Street', town: 'London' } },
};

// What the contract appends has personal fields too, and is held to the same promises.
const asIfPersonal = Object.fromEntries(
  ['Placed', 'Sent', 'Noted', 'A', 'Reserved', 'Opened'].map((type) => [
    type,
    { schema, personal: { subject: () => 'somebody', fields: ['n', 'text', 'list'], forgotten: { n: 0, list: [] } } },
  ]),
);
for (const [what, declared] of [
  ['no personal fields', {}],
  ['personal fields', asIfPersonal],
] as const) {
  eventStoreContract(`an encrypted event store with ${what}`, async () => {
    const log = new InMemoryEventStore();
    const store = encryptedEventStore(log, { aggregates: [{ events: declared }], keys: new InMemoryKeyStore() });
    return { ...store, [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() };
  });
}

describe('a personal field', () => {
  test('is not in the log, and is read as it was written, in every way of reading', async () => {
    const { log, store, append } = installation();
    await append(ada);
    const stored = JSON.stringify((await log.readLog()).events);
    expect(stored).not.toMatch(/Ada|Lovelace|Dorset/);
    expect(stored).toContain('London');
    for (const read of await everyReading(store)) expect(read).toMatchObject([{ ...ada, metadata: {} }]);
  });

  test('is marked as what it is, and the rest of the event stays as it was', async () => {
    const { log, append } = installation();
    await append({ ...ada, tags: ['a'], metadata: { actor: 'clerk' }, schemaVersion: 3 });
    const sealed = { $personal: 1, subject: 'ada', key: expect.stringMatching(/^[0-9a-f]{8}$/), value: expect.any(String) };
    expect((await log.readLog()).events).toMatchObject([
      {
        type: 'Registered',
        schemaVersion: 3,
        tags: ['a'],
        data: { id: 'ada', name: sealed, address: { street: sealed, town: 'London' } },
        metadata: { actor: 'clerk', $personal: { name: '(forgotten)', 'address.street': '(forgotten)' } },
      },
    ]);
  });

  test('that an event lacks makes no key and no mark', async () => {
    const { log, keys, append } = installation();
    await append({ type: 'Registered', data: { id: 'ada', address: null } }, { type: 'Sold', data: { id: 'ada', name: 'a cup' } });
    expect((await log.readLog()).events.map(({ metadata }) => metadata)).toEqual([{}, {}]);
    expect(await keys.findKey('ada')).toBeUndefined();
  });

  test('reads back the same whatever it holds, also what looks like an encrypted one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(storable, sealedLookalike), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (values, withId) => {
          const { store, append } = installation();
          const id = () => (withId ? { id: crypto.randomUUID() } : {});
          await append(...values.map((value, n) => ({ type: 'Anything', ...id(), data: { id: `s${n % 2}`, value, other: value } })));
          const plain = values.map((value) => JSON.parse(JSON.stringify(value)));
          expect((await store.readLog()).events.map(({ data }) => [data.value, data.other])).toEqual(plain.map((value) => [value, value]));
        },
      ),
    );
  });

  test('has no two equal ciphertexts for equal values, which would tell who shares what', async () => {
    const { log, append } = installation();
    await append(ada, ada, { ...ada, id: crypto.randomUUID() }, { ...ada, id: crypto.randomUUID() });
    const values = (await log.readLog()).events.map(({ data }) => JSON.stringify(data.name));
    expect(new Set(values).size).toBe(4);
  });

  test('is the same bytes again for the same event id, so that a repeated append is recognised', async () => {
    const { store, append } = installation();
    const event = { ...ada, id: crypto.randomUUID() };
    const first = await append(event);
    expect(await append({ ...event, id: event.id.toUpperCase() })).toEqual({ ...first, duplicate: true });
    await expect(append({ ...event, data: { ...event.data, name: 'Ada Byron' } })).rejects.toMatchObject({ code: 'IdReused' });
    expect((await store.head()).position).toBe(1);
  });

  test('that was stored before it was declared is read as it is', async () => {
    const { log, store } = installation();
    await log.append({ streams: [{ stream: 'person-1', expectedVersion: 'any', events: [ada] }] });
    expect((await store.readLog()).events).toMatchObject([ada]);
  });

  test('stays readable to code that no longer declares it', async () => {
    const { log, keys, append } = installation();
    await append(ada);
    const later = encryptedEventStore(log, { aggregates: [], keys });
    expect((await later.readLog()).events).toMatchObject([ada]);
  });
});

describe('an event is refused', () => {
  const spoiled = (over: Partial<NewEvent>): NewEvent => ({ ...ada, ...over });
  test.each<[string, NewEvent, string]>([
    ['without a subject', spoiled({ type: 'Registered', data: { id: '', name: 'Ada' } }), 'EventInvalid'],
    ['with a number that JSON lacks', spoiled({ data: { id: 'ada', name: Number.NaN } }), 'EventInvalid'],
    ['with a NUL character', spoiled({ data: { id: 'ada', name: 'a\0' } }), 'EventInvalid'],
    ['with the mark of encrypted fields', spoiled({ metadata: { $personal: {} } }), 'EventInvalid'],
    ['whose placeholder would be of another kind', spoiled({ data: { id: 'ada', name: 5 } }), 'DefinitionInvalid'],
    ['whose field leads through a list', spoiled({ data: { id: 'ada', address: [{ street: 'a' }] } }), 'DefinitionInvalid'],
  ])('%s', async (_, event, code) => {
    const { log, append } = installation();
    await expect(append(event)).rejects.toMatchObject({ code });
    expect((await log.head()).position).toBe(0);
  });
});

describe('a forgotten subject', () => {
  test('is read as placeholders, others as before, and the log is not changed', async () => {
    const { log, keys, store, append } = installation();
    const bob: NewEvent = { type: 'Registered', data: { id: 'bob', name: 'Bob', address: { street: 'A Road', town: 'B' } } };
    await append(ada, bob, { type: 'Counted', data: { id: 'ada', children: 3 } });
    const before = JSON.stringify((await log.readLog()).events);
    await keys.forget('ada');
    expect((await store.readLog()).events.map(({ data }) => data)).toEqual([
      { id: 'ada', name: '(forgotten)', address: { street: '(forgotten)', town: 'London' } },
      bob.data,
      { id: 'ada', children: 0 },
    ]);
    expect(JSON.stringify((await log.readLog()).events)).toBe(before);
  });

  test('takes no new personal data, but a command that took effect before is answered as it was', async () => {
    const { keys, store, append } = installation();
    const command = { commandId: crypto.randomUUID(), fingerprint: 'f' };
    const request = { streams: [{ stream: 'person-1', expectedVersion: 'any', events: [ada] }], idempotency: command } as const;
    const first = await store.append(request);
    await keys.forget('ada');
    expect(await store.append(request)).toEqual({ ...first, duplicate: true });
    await expect(append(ada)).rejects.toMatchObject({ code: 'SubjectForgotten' });
    await append({ type: 'Sold', data: { id: 'ada' } });
  });

  test('is noticed by a process that holds the key, once it is too old to be kept', async () => {
    const { keys, store, append } = installation(40);
    await append(ada);
    await keys.forget('ada');
    const name = async () => (await store.readLog()).events[0]?.data.name;
    await expect.poll(name).toBe('(forgotten)');
  });
});

describe('a key that is made in the place of a lost one', () => {
  const grace = { ...ada, data: { ...ada.data, name: 'Grace Hopper' } };
  const names = (events: readonly RecordedEvent[]) => events.map(({ data }) => data.name);

  test('opens what was encrypted with it, and the lost one opens the rest once it is restored', async () => {
    const { keys, store, append } = installation();
    await append(ada);
    const lost = await keys.keyFor('ada');
    keys.lose('ada');
    await append(grace);
    await expect(store.readLog()).rejects.toMatchObject({ code: 'KeyMissing', details: { position: 1, subject: 'ada' } });
    expect(names((await store.readLog({ after: 1 })).events)).toEqual(['Grace Hopper']);
    keys.restore('ada', lost);
    expect(names((await store.readLog()).events)).toEqual(['Ada Lovelace', 'Grace Hopper']);
    await keys.forget('ada');
    expect(names((await store.readLog()).events)).toEqual(['(forgotten)', '(forgotten)']);
  });

  test('does so too in a process that keeps keys in memory', async () => {
    const { keys, store, append } = installation(40);
    await append(ada);
    const lost = await keys.keyFor('ada');
    keys.lose('ada');
    await keys.keyFor('ada');
    const read = () =>
      store.readLog().then(
        ({ events }) => names(events),
        ({ code }) => code,
      );
    await expect.poll(read).toBe('KeyMissing');
    keys.restore('ada', lost);
    await expect.poll(read).toEqual(['Ada Lovelace']);
    const looked = vi.spyOn(keys, 'findOtherKeys');
    await Promise.all([read(), read(), read()]);
    await read();
    expect(looked.mock.calls.length).toBeLessThan(4); // at most once more each time it is too old
    await keys.forget('ada');
    await expect.poll(read).toEqual(['(forgotten)']);
  });
});

describe('what cannot be decrypted is a fault that names the event, and never readable', () => {
  test('when the key is lost', async () => {
    const { keys, store, append } = installation();
    await append({ type: 'Sold', data: {} }, ada);
    keys.lose('ada');
    const fault = {
      code: 'KeyMissing',
      retryable: false,
      message: expect.stringContaining('event 2'),
      details: { position: 2, subject: 'ada' },
    };
    await expect(store.readLog()).rejects.toMatchObject(fault);
    await keys.keyFor('ada'); // another one
    await expect(store.readLog()).rejects.toMatchObject(fault);
    await expect(store.readStream('person-1')).rejects.toMatchObject(fault);
    await expect(store.query([{ types: ['Registered'] }])).rejects.toMatchObject(fault);
    await expect(store.subscribe()[Symbol.asyncIterator]().next()).rejects.toMatchObject(fault);
  });

  const sealedName = (event: RecordedEvent) => event.data.name as { readonly value: string; readonly subject: string }; // as written
  const bytes = (value: string, index: number) => {
    const all = Buffer.from(value, 'base64');
    all[index] = (all[index] ?? 0) ^ 1;
    return all.toString('base64');
  };
  test.each<[string, (event: RecordedEvent) => Partial<RecordedEvent>]>([
    ['in its nonce', (event) => ({ data: { ...event.data, name: { ...sealedName(event), value: bytes(sealedName(event).value, 0) } } })],
    ['in its tag', (event) => ({ data: { ...event.data, name: { ...sealedName(event), value: bytes(sealedName(event).value, 12) } } })],
    ['in its content', (event) => ({ data: { ...event.data, name: { ...sealedName(event), value: bytes(sealedName(event).value, 30) } } })],
    ['by cutting it', (event) => ({ data: { ...event.data, name: { ...sealedName(event), value: 'AAAA' } } })],
    ['to plain text', (event) => ({ data: { ...event.data, name: 'Mallory' } })],
    ['by leaving it out', ({ data: { id = '', address = '' } }) => ({ data: { id, address } })],
    ['by moving it to another field', ({ data }) => ({ data: { ...data, address: { street: data.name, town: 'x' } } })],
    ['by making it of another type', () => ({ type: 'Renamed' })],
    ['in its mark', ({ metadata }) => ({ metadata: { ...metadata, $personal: 'name' } })],
  ])('when it was altered %s', async (_, alter) => {
    const { log, keys, append } = installation();
    await append(ada);
    const altered = withEvents(log, (event) => ({ ...event, ...alter(event) }));
    const store = encryptedEventStore(altered, { aggregates, keys });
    await expect(store.readLog()).rejects.toMatchObject({ code: 'EventDamaged', details: { position: 1 } });
  });

  test("when it is said to be another subject's", async () => {
    const { log, keys, append } = installation();
    await append(ada, { ...ada, data: { ...ada.data, id: 'bob' } });
    const moved = withEvents(log, (event) => {
      const key = event.position === 1 ? {} : { subject: 'ada' };
      return { ...event, data: { ...event.data, name: { ...sealedName(event), ...key } } };
    });
    const fault = { code: 'KeyMissing', details: { position: 2 } };
    await expect(encryptedEventStore(moved, { aggregates, keys }).readLog()).rejects.toMatchObject(fault);
  });
});

/** Values that a store takes. */
const storable: fc.Arbitrary<JsonValue> = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'binary' })
  .map((value) => value as JsonValue) // only its arrays are not readonly
  .filter((value) => jsonFault(value) === undefined);
const sealedLookalike = fc.record({
  $personal: fc.constant(1),
  subject: fc.string(),
  key: fc.constant('00000000'),
  value: fc.base64String(),
});

async function everyReading(store: EventStore): Promise<(readonly RecordedEvent[])[]> {
  const subscribed = [];
  for await (const page of store.subscribe()) {
    subscribed.push(...page.events);
    break;
  }
  const streams = await Promise.all([store.readStream('person-1'), store.readStream('person-1', { direction: 'backward' })]);
  return [...streams, (await store.readLog()).events, (await store.query([{ types: ['Registered'] }])).events, subscribed];
}

function withEvents(log: EventStore, alter: (event: RecordedEvent) => RecordedEvent): EventStore {
  const readLog: EventStore['readLog'] = async (options) => {
    const page = await log.readLog(options);
    return { ...page, events: page.events.map(alter) };
  };
  return new Proxy(log, { get: (target, name) => (name === 'readLog' ? readLog : Reflect.get(target, name)) });
}
