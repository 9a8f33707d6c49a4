import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { migrate } from './migrate.ts';
import { migrationStatus } from './migration-status.ts';

test.each([
  ['migrate', migrate],
  ['migrationStatus', migrationStatus],
])('a server that takes connections and says nothing is not waited for: %s', async (_, ask) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const url = `postgres://kiroku@127.0.0.1:${(server.address() as AddressInfo).port}/command_db`;
    const asked = expect(ask({ database: 'command_db', url })).rejects.toMatchObject({ code: 'DatabaseUnavailable' });
    await once(server, 'connection');
    await vi.advanceTimersByTimeAsync(10_000);
    await asked;
  } finally {
    vi.useRealTimers();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
