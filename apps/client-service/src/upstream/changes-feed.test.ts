import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ChangesFeed } from './changes-feed.ts';
import { QueryInstances } from './query-instances.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Instances of the query service whose streams the test writes. */
async function serve(count = 1) {
  const streams: { readonly instance: number; readonly response: ServerResponse }[] = [];
  const servers = Array.from({ length: count }, (_, instance) =>
    createServer((request, response) => {
      if (request.url !== '/changes?knows=reading') return void response.end();
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('{"kind":"open","timeline":1}\n');
      streams.push({ instance, response });
    }),
  );
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`); // they listen on TCP
  let isOpen = false;
  const onState = (state: 'open' | 'lost') => {
    isOpen = state === 'open';
  };
  const heard: unknown[] = [];
  const listener = { hear: (news: unknown) => heard.push(news), forget: () => heard.push('forget') };
  const feed = new ChangesFeed({ queryInstances: new QueryInstances({ urls }), onState, listener });
  feed.start();
  const stop = (instance = 0) => {
    servers[instance]?.close();
    servers[instance]?.closeAllConnections();
  };
  closers.push(...servers.map((_, instance) => () => stop(instance)), () => feed.stop());
  await expect.poll(() => isOpen).toBe(true); // whoever watches later need not look on its account
  const write = (text: string) => streams.at(-1)?.response.write(text);
  return { feed, streams, stop, write, heard };
}

const advance = (position: number, changed?: object, projection = 'order-summary') =>
  ({ kind: 'advance', projection, version: 1, build: 1, partition: 0, position, timeline: 1, changed }) as const;
const line = (...given: Parameters<typeof advance>) => `${JSON.stringify(advance(...given))}\n`;
const order = { projection: 'order-summary', tables: { customer_order: 'o1' } };

describe('the feed of changes', () => {
  it('says at once to look, and again when the row has changed, whatever the pieces a line comes in', async () => {
    const { feed, write } = await serve();
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 0 });
    const text = line(5, { customer_order: ['o2'] }) + line(6, { customer_order: ['o1'] });
    for (const character of text) write(character);
    expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 6 });
  });

  it('says to look when it is not told which rows changed, but not for another read model', async () => {
    const { feed, write } = await serve();
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await looks.next();
    write(line(8, undefined, 'product-list'));
    write(line(9));
    expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 9 });
  });

  it('says to look when another build is read, or advances went by unheard', async () => {
    const { feed, write } = await serve();
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await looks.next();
    const reading = { kind: 'reading', projection: 'product-list', version: 1, build: 2, positions: [8] };
    write(`${JSON.stringify(reading)}\n${JSON.stringify({ ...reading, projection: 'order-summary', positions: [9, 7] })}\n`);
    expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 7 });
  });

  it('tells who keeps what was read of everything, before those who look, and to forget it when the stream is lost', async () => {
    const { feed, write, heard, streams } = await serve();
    expect(feed.timeline).toBe(1);
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await looks.next();
    const reading = { kind: 'reading', projection: 'order-summary', version: 1, build: 1, positions: [4] };
    write(`${JSON.stringify(reading)}\n{"kind":"current"}\n{"kind":"heartbeat"}\n{"kind":"else"}\n`);
    write(line(6, { customer_order: ['o1'] }));
    while ((await looks.next()).value?.position !== 6);
    expect(heard).toEqual([reading, { kind: 'current' }, advance(6, { customer_order: ['o1'] })]);
    streams[0]?.response.destroy();
    await expect.poll(() => heard.at(-1)).toBe('forget');
    await expect.poll(() => streams.length).toBe(2);
  });

  it('knows no timeline once the stream is lost: the log may be another when it is back', async () => {
    const { feed, stop } = await serve();
    expect(feed.timeline).toBe(1);
    stop();
    await expect.poll(() => feed.timeline).toBeUndefined();
  });

  it.each(['{"kind":"advance","projection":"order-summary"}', '{"kind":"reading"', 'null and void'])(
    'takes %s for a change of anything, and relies on nothing that it hears after it',
    async (text) => {
      const { feed, write, heard } = await serve();
      const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
      await looks.next();
      write(line(5, { customer_order: ['o1'] }));
      expect((await looks.next()).value).toMatchObject({ position: 5 });
      write(`${text}\n`);
      expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 0 });
      write(line(7, { customer_order: ['o1'] }));
      expect((await looks.next()).value).toMatchObject({ position: 7 });
      expect(heard).toEqual([advance(5, { customer_order: ['o1'] }), 'forget']);
    },
  );

  it('connects again when the stream is lost, and then everybody looks, as something may have been missed', async () => {
    const { feed, streams } = await serve();
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await looks.next();
    streams[0]?.response.destroy();
    expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 0 });
    expect(streams).toHaveLength(2);
  });

  it('moves to another instance when the one it follows is gone', async () => {
    const { feed, streams, stop, write } = await serve(2);
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await looks.next();
    stop(0);
    expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 0 });
    write(line(7, { customer_order: ['o1'] }));
    expect((await looks.next()).value).toMatchObject({ timeline: 1, position: 7 });
    expect(streams.map(({ instance }) => instance)).toEqual([0, 1]);
  });

  it('moves on from an instance that takes its connection and says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(
      () => silent.close(),
      () => silent.closeAllConnections(),
    );
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`; // it listens on TCP
    const states: string[] = [];
    const feed = new ChangesFeed({
      queryInstances: new QueryInstances({ urls: [url] }),
      silenceMs: 100,
      onState: (state) => states.push(state),
    });
    closers.push(() => feed.stop());
    feed.start();
    await expect.poll(() => states, { timeout: 4_000 }).toEqual(['lost']);
  });

  it('keeps nothing of a watcher that ends by itself, as one does whose row cannot be read', async () => {
    const { feed, write } = await serve();
    let asked = 0;
    const leaving = feed.watch(
      {
        ...order,
        get projection() {
          asked += 1;
          return order.projection;
        },
      },
      new AbortController().signal,
    );
    const staying = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await staying.next();
    for await (const _ of leaving) break;
    write(line(6, { customer_order: ['o1'] }));
    expect((await staying.next()).value).toMatchObject({ position: 6 });
    expect(asked).toBe(0);
  });

  it('ends what is watched when the watcher leaves, and when it stops itself', async () => {
    const { feed } = await serve();
    const leaving = new AbortController();
    const [first, second] = [leaving.signal, new AbortController().signal].map((signal) =>
      feed.watch(order, signal)[Symbol.asyncIterator](),
    );
    await first?.next();
    await second?.next();
    leaving.abort();
    expect((await first?.next())?.done).toBe(true);
    await feed.stop();
    expect((await second?.next())?.done).toBe(true);
  });
});
