import { seededRandom } from '@kiroku/shop-traffic';
import autocannon from 'autocannon';
import { quantile } from './load.ts';
import type { Draw } from './mixed-requests.ts';

export interface HttpLoad {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Requests that were not answered, or with an error. */
  readonly failed: number;
  /** The first answer with an error. */
  readonly failure?: string;
}

/** A second and connection; more than are answered, so that none is sent twice. */
const drawnRate = 100;

/** Sends what is drawn, over so many connections, each its next request when the one before is answered. */
export async function httpLoad(options: {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
  readonly draw: Draw;
}): Promise<HttpLoad> {
  const { url, connections, seconds, draw } = options;
  const random = seededRandom(options.seed);
  const latencies: number[] = [];
  let failure: string | undefined;
  const isFine = (answer: string): boolean => {
    const fine = !answer.includes('"errors"') || answer.includes('"kind":"rejection"'); // a no of the shop is an answer
    if (!fine) failure ??= answer.slice(0, 500);
    return fine;
  };
  // made before the clock runs: what is drawn costs the load generator nothing meanwhile
  const drawn = Array.from({ length: connections }, () =>
    Array.from({ length: seconds * drawnRate }, () => ({
      method: 'POST' as const,
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(draw(random)),
    })),
  );
  const { errors, timeouts, non2xx, mismatches, duration } = await autocannon({
    url: `${url}/graphql`,
    connections,
    duration: seconds,
    timeout: 30,
    verifyBody: (body) => isFine(String(body)),
    setupClient: (client) => {
      client.on('response', (_status, _bytes, milliseconds) => latencies.push(milliseconds));
      client.setRequests(drawn.pop() ?? []);
    },
  });
  latencies.sort((a, b) => a - b);
  return {
    rate: latencies.length / duration,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
    failed: errors + timeouts + non2xx + mismatches,
    ...(failure !== undefined && { failure }),
  };
}
