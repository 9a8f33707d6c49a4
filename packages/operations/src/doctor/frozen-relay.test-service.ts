import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a database and who asks it, until it freezes: then it takes connections, keeps those there are, and nothing passes. */
export async function frozenRelay(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let frozen = false;
  let fatal: string | undefined;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (frozen) return;
    const there = connect(Number(port), hostname).on('error', () => undefined);
    sockets.add(there);
    socket.on('close', () => there.destroy());
    there.on('close', () => socket.destroy());
    socket.on('data', (data) => {
      frozen ||= fatal !== undefined && data.includes(fatal);
      if (!frozen) there.write(data);
    });
    there.on('data', (data) => frozen || socket.write(data));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    through: (other: string) => {
      const moved = new URL(other);
      moved.host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
      return moved.href;
    },
    freeze: () => {
      frozen = true;
    },
    /** Further connections are let through; those there are were lost. */
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.destroy();
    },
    /** As soon as this is asked. */
    freezeAt: (text: string) => {
      fatal = text;
    },
    /** Connections that were made. */
    asked: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
