import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCommandHandler, encryptedEventStore } from '@kiroku/engine';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { createLogger, FileKeyStore, Health, StopStack } from '@kiroku/service';
import { shop } from '@kiroku/shop';
import { throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, it } from 'vitest';
import { createCommandApp } from './create-command-app.ts';

/** The command service over a real database, without process managers. */
async function serve() {
  const logger = createLogger({ service: 'command-service', instance: 'test', level: 'silent', format: 'json' });
  const opened = new StopStack(logger);
  const database = await throwAwayDatabase('event_store', migrate);
  opened.push('database', () => database[Symbol.asyncDispose]());
  const log = new PostgresEventStore({ url: database.serviceUrl });
  opened.push('event store', () => log.stop());
  await log.start();
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  opened.push('keys', () => rm(directory, { recursive: true }));
  const keys = new FileKeyStore({ directory });
  const eventStore = encryptedEventStore(log, { aggregates: shop.aggregates, keys });
  const health = new Health({ service: 'command-service', instance: 'test' });
  health.ready();
  const handle = createCommandHandler({ aggregates: shop.aggregates, eventStore });
  const app = await createCommandApp({ logger, health, application: shop, handle });
  opened.push('server', () => app.close());
  const send = (type: string, payload: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: `/commands/${type}`, payload, headers });
  return { send, log, eventStore, keys, [Symbol.asyncDispose]: () => opened.close() };
}

describe('the command service on PostgreSQL', () => {
  it('answers an accepted command with the position, and the event is in the log with who, why and in which request', async () => {
    await using service = await serve();
    const categoryId = crypto.randomUUID();
    const commandId = crypto.randomUUID();
    const headers = { 'idempotency-key': commandId, 'x-actor': 'ada', 'x-correlation-id': 'morning-round' };
    const answer = await service.send('CreateCategory', { categoryId, name: 'Tea' }, headers);
    expect(answer.json()).toEqual({
      outcome: 'accepted',
      position: 1,
      token: '1',
      stream: `category-${categoryId}`,
      version: 1,
      duplicate: false,
    });
    const { events } = await service.eventStore.readLog();
    expect(events).toMatchObject([
      { type: 'CategoryCreated', metadata: { commandId, actor: 'ada', correlationId: 'morning-round', commandType: 'CreateCategory' } },
    ]);
  });

  it('answers a repeated command with its first result and writes nothing', async () => {
    await using service = await serve();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const data = { categoryId: crypto.randomUUID(), name: 'Tea' };
    await service.send('CreateCategory', data, headers);
    expect((await service.send('CreateCategory', data, headers)).json()).toMatchObject({
      outcome: 'accepted',
      position: 1,
      duplicate: true,
    });
    expect((await service.send('CreateCategory', { ...data, name: 'Coffee' }, headers)).json()).toMatchObject({
      status: 409,
      code: 'IdReused',
    });
    expect((await service.eventStore.head()).position).toBe(1);
  });

  it('lets exactly one of many requests for the same category name win', async () => {
    await using service = await serve();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => service.send('CreateCategory', { categoryId: crypto.randomUUID(), name: 'Tea' })),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    const lost = answers.filter(({ statusCode }) => statusCode !== 200).map((answer) => answer.json().code);
    expect(lost).toEqual(Array(49).fill('CategoryNameTaken'));
  });

  it('names every field that is wrong, and the fields it does not know', async () => {
    await using service = await serve();
    const answer = await service.send('AddProduct', { productId: 'x', name: '', price: { amount: 1.5, currency: 'XXX?' }, colour: 'red' });
    expect(answer.statusCode).toBe(400);
    const paths = answer.json().issues.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(expect.arrayContaining(['productId', 'name', 'price.amount', 'price.currency', 'categoryId', '']));
  });

  it('says that there is no such thing with a code, for commands on unknown ids', async () => {
    await using service = await serve();
    const answer = await service.send('RenameProduct', { productId: crypto.randomUUID(), name: 'Cup' });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ outcome: 'rejected', code: 'ProductNotFound' });
  });

  it('keeps names and addresses of customers out of the log, and can read them as long as their key is there', async () => {
    await using service = await serve();
    const customerId = crypto.randomUUID();
    const details = { customerId, name: 'Ada Lovelace', email: 'ada@example.org' };
    await service.send('RegisterCustomer', details);
    await service.send('ChangeCustomerDetails', { ...details, email: 'ada@example.net' });
    const stored = JSON.stringify(await service.log.readLog());
    expect(stored).toContain(customerId);
    expect(stored).not.toMatch(/Lovelace|example/);
    const taken = await service.send('RegisterCustomer', { ...details, customerId: crypto.randomUUID(), email: 'ada@example.net' });
    expect(taken.json()).toMatchObject({ outcome: 'rejected', code: 'EmailTaken' });
    expect((await service.eventStore.readLog()).events.map(({ data }) => data)).toEqual([
      details,
      { ...details, email: 'ada@example.net', previousEmail: 'ada@example.org' },
    ]);
  });

  it('answers for a customer who was forgotten that there is nothing to be stored any more', async () => {
    await using service = await serve();
    const details = { customerId: crypto.randomUUID(), name: 'Ada', email: 'ada@example.org' };
    await service.keys.forget(details.customerId);
    expect((await service.send('RegisterCustomer', details)).json()).toMatchObject({ status: 410, code: 'SubjectForgotten' });
    expect((await service.log.head()).position).toBe(0);
  });
});
