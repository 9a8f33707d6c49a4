import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections: nobody takes one by chance while what listens there is restarted. */
const [first, last] = [10_000, 30_000];

/**
 * The tests that run at the same time each have ports of their own: a port is only taken when a shop has come to start what listens there, seconds
 * after it was found to be free, and by then another test may have found it as well.
 */
const lanes = 32;
const lane = Number(process.env.VITEST_POOL_ID ?? 0) % lanes;

const given = new Set<number>();

/** Ports nobody listens on now, all different, and none that this test was given before. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = first + lane + lanes * Math.floor(Math.random() * ((last - first) / lanes));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
