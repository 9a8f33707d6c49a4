import { StreamsClient } from '@kiroku/client';
import type { JsonObject } from '@kiroku/core';
import { defineAggregate, defineEvents } from '@kiroku/core';
import { encryptedEventStore } from '@kiroku/engine';
import { anySchema, InMemoryEventStore, InMemoryJobStore, InMemoryKeyStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { describe, expect, it } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

const events = defineEvents({
  Joined: { schema: anySchema<JsonObject>(), personal: { subject: () => 'ada', fields: ['name'] } },
  Moved: { schema: anySchema<JsonObject>() },
});
const member = defineAggregate({
  name: 'member',
  events,
  commands: {},
  initialState: {} as JsonObject,
  evolve: { Joined: (state, { data }) => ({ ...state, ...data }), Moved: (state, { data }) => ({ ...state, ...data }) },
  decide: {},
});

/** A member who joined and moved, behind the API. */
async function serve() {
  const [log, keys, audit] = [new InMemoryEventStore(), new InMemoryKeyStore(), new InMemoryOperatorAudit()];
  const application = { aggregates: [member] };
  const store = encryptedEventStore(log, { aggregates: application.aggregates, keys });
  for (const event of [
    { type: 'Joined', data: { name: 'Lovelace' } },
    { type: 'Moved', data: { town: 'London' } },
  ])
    await store.append({ streams: [{ stream: 'member-1', expectedVersion: 'any', events: [event] }] });
  const streams = { application, log, keys, audit };
  const api = await serveOperations({ stores: { jobs: new InMemoryJobStore(), audit }, streams });
  return { audit, client: new StreamsClient(api), [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

describe('the operations API on streams', () => {
  it('folds the state of a stream as of any version, position or time, personal data hidden', async () => {
    await using given = await serve();
    const { client, audit } = given;
    const now = await client.stateOfStream({ stream: 'member-1' });
    expect(now).toMatchObject({ version: 2, position: 2, state: { name: '(forgotten)', town: 'London' } });
    expect(await client.stateOfStream({ stream: 'member-1', version: 1 })).toMatchObject({ version: 1, state: { name: '(forgotten)' } });
    expect((await client.stateOfStream({ stream: 'member-1', at: 1 })).state).not.toHaveProperty('town');
    expect(await client.stateOfStream({ stream: 'member-1', at: now.recordedAt })).toEqual(now);
    expect(await audit.actions({ limit: 9 })).toEqual([]);
  });

  it('shows personal data to who says so, and the audit log has who looked and why', async () => {
    await using given = await serve();
    expect((await given.client.stateOfStream({ stream: 'member-1', version: 1 }, { reveal: true })).state).toEqual({ name: 'Lovelace' });
    expect(await given.audit.actions({ limit: 9 })).toMatchObject([
      {
        operator: 'ada',
        source: 'operations API',
        reason: 'drill',
        verb: 'events state',
        arguments: { stream: 'member-1', version: 1, reveal: true },
      },
    ]);
  });

  it('says what is wrong with the question', async () => {
    await using given = await serve();
    await expect(given.client.stateOfStream({ stream: 'member-2' })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(given.client.stateOfStream({ stream: 'membr-1' })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(given.client.stateOfStream({ stream: 'member-1', version: 3 })).rejects.toMatchObject({ code: 'BadRequest' });
    await expect(given.client.stateOfStream({ stream: 'member-1', at: 'yesterday' })).rejects.toMatchObject({ code: 'BadRequest' });
  });
});
