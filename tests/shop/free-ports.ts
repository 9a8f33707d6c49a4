import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections: nobody takes one by chance while what listens there is restarted. */
const [first, last] = [10_000, 32_000];

/** Ports nobody listens on now, all different, and at random, so that tests that run side by side have others. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = first + Math.floor(Math.random() * (last - first));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
