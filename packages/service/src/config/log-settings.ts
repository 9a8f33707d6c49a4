import { z } from 'zod';
import { choice, integer, setting } from './setting.ts';

/** What is logged, how, and where to. */
export const logSettings = z.object({
  LOG_LEVEL: choice({
    values: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    description: 'Least important level that is logged. `kiroku logs level` changes it for a time while the process runs.',
  }),
  LOG_CONTEXT: choice({
    values: ['auto', 'on', 'off'],
    default: 'auto',
    description:
      'Whether lines of code that has no logger of its request carry its ids too, and leave out its personal values. `auto`: from Node 24 on, and where traces are sent; with older versions of Node following costs a busy service a third of what it can answer.',
  }),
  LOG_FORMAT: choice({
    values: ['auto', 'json', 'pretty'],
    default: 'auto',
    description:
      'One JSON object per line, or text for people; `auto` is `pretty` on a terminal and `json` otherwise. A file has always JSON.',
  }),
  LOG_FILE: setting(z.string().min(1).optional(), {
    description:
      'File that the log is written to, by this process alone. Default: standard output. `kiroku up` gives each service its own, `logs/<service>.log` in `KIROKU_DATA_DIR`.',
    allowed: 'a path that this user may write to',
  }),
  LOG_FILE_MAX_MB: integer({
    min: 1,
    max: 10_000,
    default: 100,
    description: 'Size from which on a log file is put aside, as `….log.1`, and a new one begun, in megabytes.',
  }),
  LOG_FILES: integer({
    min: 2,
    max: 1_000,
    default: 10,
    description: 'How many files a log has at most, with the one that is written. The oldest is overwritten.',
  }),
});
