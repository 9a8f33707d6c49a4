import { hostname } from 'node:os';
import { z } from 'zod';
import { choice, integer, port, setting, urlText } from './setting.ts';

const databaseUrl = (description: string) =>
  setting(urlText(['postgres:', 'postgresql:']).optional(), {
    description,
    allowed: 'a URL that starts with postgres:// or postgresql://',
    secret: true,
  });

/** Variables that every service reads. */
export const serviceSettings = z.object({
  HOST: setting(
    z
      .string()
      .refine((host) => ['127.0.0.1', '::1', 'localhost'].includes(host), 'is not a loopback address')
      .prefault('127.0.0.1'),
    {
      description: 'Address to listen on. Services have no authentication yet, so nothing but this machine may reach them.',
      allowed: '127.0.0.1, ::1, localhost',
    },
  ),
  LOG_LEVEL: choice({
    values: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    description: 'Least important level that is logged.',
  }),
  LOG_FORMAT: choice({
    values: ['auto', 'json', 'pretty'],
    default: 'auto',
    description: 'One JSON object per line, or text for people; `auto` is `pretty` on a terminal and `json` otherwise.',
  }),
  INSTANCE_ID: setting(
    z
      .string()
      .regex(/^[\w.:-]{1,64}$/, 'has other characters or is too long')
      .optional(),
    {
      description: 'Name of this process in logs and health. Default: host name and process id, e.g. `web-1:4711`.',
      allowed: '1 to 64 letters, digits, `.`, `:`, `_` and `-`',
    },
  ),
  SHUTDOWN_TIMEOUT_MS: integer({
    min: 100,
    max: 600_000,
    default: 10_000,
    description: 'How long a stopping process may take to finish what it has begun, in milliseconds; then it exits with code 1.',
  }),
  REQUEST_TIMEOUT_MS: integer({
    min: 100,
    max: 600_000,
    default: 30_000,
    description: 'How long a request may take to arrive completely, in milliseconds.',
  }),
});

/** Where the three databases are. */
export const databaseSettings = z.object({
  DATABASE_URL: databaseUrl(
    'PostgreSQL server that holds all three databases; the database name in it is replaced. Needed unless the three URLs below are given.',
  ),
  EVENT_STORE_DATABASE_URL: databaseUrl('Database of the event log. Default: `event_store` on `DATABASE_URL`.'),
  COMMAND_DATABASE_URL: databaseUrl('Database of process managers and outgoing commands. Default: `command_db` on `DATABASE_URL`.'),
  QUERY_DATABASE_URL: databaseUrl('Database of the read models. Default: `query_db` on `DATABASE_URL`.'),
  DATABASE_POOL_SIZE: integer({
    min: 2,
    max: 200,
    default: 10,
    description: 'Most connections that one process opens to one database, besides one that listens for notifications.',
  }),
});

/** The embedded PostgreSQL that `npm start` runs when no database URL is given. */
export const embeddedSettings = z.object({
  POSTGRES_PORT: port(4010, 'Port of the embedded PostgreSQL.'),
  KIROKU_DATA_DIR: setting(z.string().min(1).prefault('.kiroku'), {
    description: 'Directory of the embedded PostgreSQL, its credentials, the keys of personal data and the logs of the services.',
    allowed: 'a path that this user may write to',
  }),
});

/** Where the keys are that personal data is encrypted with. */
export const keySettings = z.object({
  KIROKU_KEY_DIR: setting(z.string().min(1).optional(), {
    description:
      'Directory of the keys that personal data is encrypted with, the same for all processes of an installation. **Back it up**, apart from the databases: without it personal data is gone. Default: `keys` in `KIROKU_DATA_DIR`.',
    allowed: 'a path that this user may write to',
  }),
  SECRET_KEY_BASE: setting(z.string().min(64, 'is shorter than 64 characters').optional(), {
    description:
      'Secret that those keys are wrapped with. Keep it, and keep it apart from them: they do not open without it. Default: one is generated beside the keys.',
    allowed: 'at least 64 characters; `openssl rand -hex 64` makes some',
    secret: true,
  }),
});

/** Who the command line works for. */
export const operatorSettings = z.object({
  KIROKU_OPERATOR: setting(z.string().trim().min(1).max(200).optional(), {
    description:
      'Name that the operator audit log notes for what the command line changes; `--as` wins. Default: user and host, e.g. `ada@build-1`.',
    allowed: '1 to 200 characters',
  }),
});

export function instanceName(given: string | undefined): string {
  return given ?? `${hostname()}:${process.pid}`;
}
