import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ChangesFeed } from './changes-feed.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A query service whose stream the test writes. */
async function serve() {
  const streams: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"kind":"open"}\n');
    streams.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const feed = new ChangesFeed({ queryUrl: `http://127.0.0.1:${port}` });
  feed.start();
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => feed.stop(),
  );
  await expect.poll(() => streams).toHaveLength(1);
  return { feed, streams };
}

const line = (position: number, changed?: object, projection = 'order-summary') =>
  `${JSON.stringify({ kind: 'advance', projection, position, changed })}\n`;
const order = { projection: 'order-summary', tables: { customer_order: 'o1' } };

describe('the feed of changes', () => {
  it('says at once to look, and again when the row has changed, whatever the pieces a line comes in', async () => {
    const { feed, streams } = await serve();
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await looks.next()).value).toBe(0);
    const text = line(5, { customer_order: ['o2'] }) + line(6, { customer_order: ['o1'] });
    for (const character of text) streams[0]?.write(character);
    expect((await looks.next()).value).toBe(6);
  });

  it('says to look when it is not told which rows changed, but not for another read model', async () => {
    const { feed, streams } = await serve();
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await looks.next();
    streams[0]?.write(line(8, undefined, 'product-list'));
    streams[0]?.write(line(9));
    expect((await looks.next()).value).toBe(9);
  });

  it('connects again when the stream is lost, and then everybody looks, as something may have been missed', async () => {
    const { feed, streams } = await serve();
    const looks = feed.watch(order, new AbortController().signal)[Symbol.asyncIterator]();
    await looks.next();
    streams[0]?.destroy();
    expect((await looks.next()).value).toBe(0);
    expect(streams).toHaveLength(2);
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
