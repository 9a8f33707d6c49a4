import { Command, InvalidArgumentError } from 'commander';
import { formatReport } from './report/print-report.ts';
import { type RunOptions, runTraffic } from './traffic/run-traffic.ts';

interface Flags extends Omit<RunOptions, 'durationMs' | 'maxErrorShare'> {
  readonly duration: number;
  readonly maxErrors: number;
  readonly json?: true;
}

/** The command line. Throws commander's errors instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('kiroku-shop')
    .description('Tools of the reference shop.')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or too many errors, 2 wrong command line.')
    .showHelpAfterError('(`kiroku-shop help` lists the commands)')
    .exitOverride();
  program
    .command('traffic')
    .description(
      'Behaves like shoppers over the GraphQL API: they browse, search, register, order and cancel. Ctrl-C ends it with a report.',
    )
    .option('--url <url>', 'the gateway', url, 'http://127.0.0.1:4000')
    .option('--rate <number>', 'requests a second, due at random moments whether others are answered or not', number({ above: 0 }), 50)
    .option('--duration <time>', 'how long: 90s, 10m, 2h', duration, 60_000)
    .option('--seed <number>', 'what shoppers do follows from it; the ids they make do not', number({ min: 0, whole: true }), 1)
    .option(
      '--concurrency <number>',
      'most requests at once; what is due beyond that waits, and the wait counts',
      number({ min: 1, whole: true }),
      256,
    )
    .option('--shoppers <number>', 'how many visit the shop at a time', number({ min: 1, whole: true }), 100)
    .option('--declines <share>', 'share of orders, from 0 to 1, whose payment is declined', number({ min: 0 }), 0.05)
    .option('--restock <pieces>', 'receives so many pieces of every product first', number({ min: 1, whole: true }))
    .option(
      '--max-errors <share>',
      'largest share of errors, from 0 to 1, with which it passes; rejections are answers',
      number({ min: 0 }),
      0.01,
    )
    .option('--json', 'prints the report as JSON, with the ids of orders')
    .exitOverride()
    .action(traffic);
  return program;
}

async function traffic({ duration: durationMs, maxErrors: maxErrorShare, json, ...flags }: Flags): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  try {
    const report = await runTraffic({ ...flags, durationMs, maxErrorShare }, interrupted.signal);
    process.stdout.write(`${json === true ? JSON.stringify(report, null, 2) : formatReport(report)}\n`);
    if (!report.ok) process.exitCode = 1;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

function number(allowed: { readonly min?: number; readonly above?: number; readonly whole?: true }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const { min = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY, whole } = allowed;
    if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
    if (value < min || value <= above) throw new InvalidArgumentError('It is too small.');
    if (whole === true && !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
    return value;
  };
}

const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds. */
function duration(text: string): number {
  const { amount, unit } = /^(?<amount>\d{1,6})(?<unit>[smh])$/.exec(text)?.groups ?? {};
  if (amount === undefined || unit === undefined || Number(amount) === 0)
    throw new InvalidArgumentError('It must look like 90s, 10m or 2h.');
  return Number(amount) * units[unit as keyof typeof units]; // the expression allows no other
}

function url(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be a URL that starts with http:// or https://.');
}
