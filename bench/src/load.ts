/** One measured run: how many operations a second, and how long one took. */
export interface Load {
  /** Operations a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Runs `operation` from `writers` concurrent loops for `seconds`, after a tenth of that as warm-up. */
export async function load(options: {
  readonly writers: number;
  readonly seconds: number;
  readonly operation: (writer: number) => Promise<unknown>;
}): Promise<Load> {
  const { writers, seconds, operation } = options;
  await during(writers, seconds / 10, operation);
  const started = performance.now();
  const latencies = await during(writers, seconds, operation);
  const elapsed = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  return { rate: latencies.length / elapsed, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

/** The run with the middle rate. */
export function median(runs: readonly Load[]): Load {
  const sorted = [...runs].sort((a, b) => a.rate - b.rate);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('No runs to take the median of.');
  return middle;
}

async function during(writers: number, seconds: number, operation: (writer: number) => Promise<unknown>): Promise<number[]> {
  const end = performance.now() + seconds * 1000;
  const latencies: number[] = [];
  const loop = async (writer: number): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      await operation(writer);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => loop(writer)));
  return latencies;
}

/** The value below which the share `q` of a sorted list lies. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
