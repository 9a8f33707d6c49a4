import { type Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from './numbers.ts';

/** What folding the log in memory may cost. */
export interface FoldFlags {
  /** Bytes. */
  readonly memory?: number;
  /** Seconds. */
  readonly maxLag?: number;
  /** Events a second. */
  readonly maxRate?: number;
}

/** `--memory`, on verbs that fold the log. */
export function memoryOption(): Option {
  return new Option(
    '--memory <size>',
    'let the process grow by so much, e.g. 512MB or 2GB; rows that need more take more passes over the log (default: 1GB)',
  ).argParser(byteSize);
}

/** `--memory`, `--max-lag` and `--max-rate`, on verbs that fold the log and yield to live work. */
export function withFoldOptions(command: Command): Command {
  return command
    .addOption(memoryOption())
    .option('--max-lag <seconds>', 'wait while live read models lag more than this; 0: never wait (default: 2)', wholeNumber(0))
    .option('--max-rate <n>', 'read so many events of the log a second at most', wholeNumber(1));
}

export function foldArguments({ memory, maxLag, maxRate }: FoldFlags) {
  return {
    ...(memory !== undefined && { memoryBytes: memory }),
    ...(maxLag !== undefined && { maxLagSeconds: maxLag }),
    ...(maxRate !== undefined && { maxRate }),
  };
}

const units: { readonly [unit: string]: number } = { MB: 1_000_000, GB: 1_000_000_000 };

function byteSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(MB|GB)$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (units[(match?.[2] ?? '').toUpperCase()] ?? Number.NaN);
  if (bytes >= 1_000_000) return Math.floor(bytes);
  throw new InvalidArgumentError('It must be a size from 1MB on, such as 512MB or 2GB.');
}
