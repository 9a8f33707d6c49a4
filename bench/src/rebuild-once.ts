// One rebuild of the benchmark, in a process of its own.
import { runJob } from './orders.ts';

const { urls, args } = JSON.parse(process.env.BENCH_WORK ?? '{}'); // the benchmark's
process.send?.(await runJob(urls, 'projection rebuild', args));
process.disconnect();
