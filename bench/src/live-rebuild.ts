// The rebuild of the live benchmark, in a process of its own.
import { runJob } from './orders.ts';

const urls = JSON.parse(process.env.BENCH_URLS ?? '{}'); // the benchmark's
process.send?.('begun');
const { seconds } = await runJob(urls, 'projection rebuild', {
  projections: [{ name: 'order-totals', version: 1 }],
  maxLagSeconds: 2,
  maxRate: Number(process.env.BENCH_REBUILD_RATE),
});
process.send?.({ seconds });
process.disconnect();
