// Appends to the log of the database in argv[2] until it is killed; prints the id of every event whose append was acknowledged.
import { randomUUID } from 'node:crypto';
import { PostgresEventStore } from '@kiroku/postgres';

const store = new PostgresEventStore({ url: process.argv[2] });
const streams = Array.from({ length: 20 }, (_, index) => `ledger-${index}`);

async function write() {
  for (;;) {
    const events = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => ({
      id: randomUUID(),
      type: 'Noted',
      data: { from: process.pid },
    }));
    const stream = streams[Math.floor(Math.random() * streams.length)];
    try {
      await store.append({ streams: [{ stream, expectedVersion: 'any', events }] });
      process.stdout.write(events.map(({ id }) => `${id}\n`).join(''));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50)); // not acknowledged: nothing is promised
    }
  }
}

await Promise.all(Array.from({ length: 8 }, write));
