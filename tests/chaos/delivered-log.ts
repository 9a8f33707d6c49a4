import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StreamName } from '@kiroku/core';
import { newSecret, sealSecret } from '@kiroku/engine';
import { createPool, migrate, PostgresConsumerStore, PostgresEventStore } from '@kiroku/postgres';
import { FileKeyStore } from '@kiroku/service/keys';
import { sampleConsumer, throwAwayDatabase } from '@kiroku/testing';

const program = fileURLToPath(new URL('./bundle/delivery-process.js', import.meta.url));
const answerAfterMs = 5; // so that something is always on its way

/** A message that was answered with 204. */
export interface Taken {
  /** The process that sent it. */
  readonly from: string;
  readonly stream: string;
  readonly position: number;
}

/** A log, a consumer of all that is in it, and processes that deliver to it, to be killed. */
export async function deliveredLog({ streams, leaseMs }: { readonly streams: readonly StreamName[]; readonly leaseMs: number }) {
  const databases = [await throwAwayDatabase('event_store', migrate), await throwAwayDatabase('command_db', migrate)] as const;
  const [urls, keyDirectory] = [
    { event_store: databases[0].serviceUrl, command_db: databases[1].serviceUrl },
    await mkdtemp(join(tmpdir(), 'kiroku-delivery-')),
  ];
  const log = new PostgresEventStore({ url: urls.event_store });
  const pool = createPool({ url: urls.command_db, applicationName: 'kiroku-tests', max: 2 });
  const store = new PostgresConsumerStore({ pool });
  const { url, taken, close } = await receiver();
  await register(store, { url, keyDirectory, log });
  const children: ChildProcess[] = [];
  return {
    taken,
    consumer: () => store.consumer('crm'),
    /** Appends so many events to each stream; returns the position of the last. */
    append: async (rounds: number): Promise<number> => {
      for (let round = 0; round < rounds; round += 1) {
        const appends = streams.map((stream) => ({ stream, expectedVersion: 'any' as const, events: [{ type: 'Moved', data: {} }] }));
        await log.append({ streams: appends });
      }
      return (await log.head()).position;
    },
    start: (name: string): ChildProcess => {
      const its = {
        DELIVERY_URLS: JSON.stringify(urls),
        DELIVERY_KEYS: keyDirectory,
        DELIVERY_NAME: name,
        DELIVERY_LEASE_MS: String(leaseMs),
      };
      const child = fork(program, { env: { ...process.env, ...its }, execArgv: [] });
      children.push(child);
      return child;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(killed));
      close();
      await Promise.all([log.stop(), pool.end(), rm(keyDirectory, { recursive: true })]);
      for (const database of databases) await database[Symbol.asyncDispose]();
    },
  };
}

/** kill -9; returns when it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function receiver() {
  const taken: Taken[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { subject, position } = JSON.parse(body);
      taken.push({ from: String(request.headers['x-from']), stream: subject, position: Number(position) });
      setTimeout(() => response.writeHead(204).end(), answerAfterMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver does not listen.');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${address.port}/hooks`, taken, close };
}

async function register(
  store: PostgresConsumerStore,
  { url, keyDirectory, log }: { readonly url: string; readonly keyDirectory: string; readonly log: PostgresEventStore },
): Promise<void> {
  const sample = sampleConsumer('crm');
  const secrets = { current: await sealSecret(new FileKeyStore({ directory: keyDirectory }), sample.id, newSecret()) };
  const terms = { ...sample.terms, timeoutMs: 30_000, maxAttempts: 1_000_000 };
  await store.add({ ...sample, url, terms, secrets, log: (await log.head()).log });
}
