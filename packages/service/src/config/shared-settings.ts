import { hostname } from 'node:os';
import { z } from 'zod';
import { isProxyRange } from '../http/request-origin.ts';
import { logSettings } from './log-settings.ts';
import { integer, setting, urlText } from './setting.ts';
import { tracingSettings } from './tracing-settings.ts';

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
      .refine(
        (host) => ['127.0.0.1', '::1', 'localhost'].includes(host),
        'is not a loopback address: anybody who reaches a service may do everything until there is access control. Leave it out, and let others in through an SSH tunnel or a proxy that asks who they are',
      )
      .prefault('127.0.0.1'),
    {
      description:
        'Address to listen on. Services have no access control yet, so nothing but this machine may reach them: none starts on another address.',
      allowed: '127.0.0.1, ::1, localhost',
    },
  ),
  ...logSettings.shape,
  ...tracingSettings.shape,
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
  DRAIN_MS: integer({
    min: 0,
    max: 600_000,
    default: 0,
    description:
      'How long a process that is asked to stop goes on answering while `/health/ready` says 503, in milliseconds, before it stops listening. Longer than whoever spreads requests over instances takes to ask; added to `SHUTDOWN_TIMEOUT_MS`.',
  }),
  HEALTH_CHECK_TIMEOUT_MS: integer({
    min: 10,
    max: 60_000,
    default: 2_000,
    description:
      'How long a dependency has to answer before `/health` calls it down, in milliseconds. `kiroku health` and `kiroku status` give services, which ask others first, two and a half times as long.',
  }),
  HEALTH_CACHE_MS: integer({
    min: 0,
    max: 60_000,
    default: 500,
    description:
      'How long what `/health` found answers further requests, in milliseconds: however often it is asked, dependencies are not.',
  }),
  REQUEST_TIMEOUT_MS: integer({
    min: 100,
    max: 600_000,
    default: 30_000,
    description: 'How long a request may take to arrive completely, in milliseconds.',
  }),
});

/** Who is believed about the origin of requests. */
export const proxySettings = z.object({
  TRUSTED_PROXIES: setting(
    z
      .string()
      .transform((text) => (text.trim() === 'none' ? [] : text.split(',').map((range) => range.trim())))
      .pipe(z.array(z.string().refine(isProxyRange, 'names something else')))
      .prefault('loopback'),
    {
      description:
        'Who is believed about who sent a request (`X-Forwarded-User`, `X-Forwarded-Groups`, `X-Actor`) and from which address (`X-Forwarded-For`): proxies that ask who somebody is, and the gateway before the command service. What others say of themselves is dropped. `loopback` is this machine; `none` believes nobody.',
      allowed: 'addresses and networks such as `10.0.0.0/8`, `loopback`, `linklocal`, `uniquelocal`, separated by commas; or `none`',
    },
  ),
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
    description:
      'Most connections of one pool of a process. It has one for each of its databases, and two where its work would hold up others: command-service in command_db, query-service in query_db. A few more stand beside.',
  }),
});

/** When what works in the background is taken to stand still. */
export const workSettings = z.object({
  WORK_MAX_DELAY_SECONDS: integer({
    min: 1,
    max: 86_400,
    default: 30,
    description:
      'How long events, timers, commands of process managers, jobs and messages to consumers may wait, and a lease may be without a holder, before `/health` and `kiroku health` say that whoever does them stands still or is gone.',
  }),
});

/** What `kiroku up` does by itself. */
export const supervisorSettings = z.object({
  HANG_TIMEOUT_SECONDS: integer({
    min: 0,
    max: 86_400,
    default: 120,
    description:
      'After how long without any answer from `/health/live` `kiroku up` kills a service and starts it again, in seconds; 0: never. Not one in which a debugger was opened. Time in which the machine was suspended, or `kiroku up` itself had no processor, does not count.',
  }),
});

/** The embedded PostgreSQL that `npm start` runs when no database URL is given. */
export const embeddedSettings = z.object({
  POSTGRES_PORT: integer({ min: 1, max: 65_535, default: 4010, description: 'Port of the embedded PostgreSQL.' }),
  KIROKU_DATA_DIR: setting(z.string().min(1).prefault('.kiroku'), {
    description: 'Directory of the embedded PostgreSQL, its credentials, the keys of personal data and the logs of the services.',
    allowed: 'a path that this user may write to',
  }),
});

/** Where the keys are that personal data is encrypted with: what `keyStoreOptions` needs. */
export const keySettings = z.object({
  KIROKU_DATA_DIR: embeddedSettings.shape.KIROKU_DATA_DIR,
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
