import { CronPattern } from 'croner';
import { z } from 'zod';
import { choice, integer, setting, urlText } from './setting.ts';

const crontab = /^(?:[\d*,/ -]|sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)+$/i;

/** A time of a crontab, of five fields, or `off`. */
function schedule(byDefault: string, description: string) {
  const schema = z
    .string()
    .transform((text) => text.split(/\s+/).join(' '))
    .refine((text) => text === 'off' || isSchedule(text), 'is no time of a crontab')
    .prefault(byDefault);
  return setting(schema, { description, allowed: '`off`, or the five fields of a crontab: minute, hour, day, month, weekday' });
}

/** Where backups are kept, how they are made, when, and for how long. */
export const backupSettings = z.object({
  BACKUP_URL: setting(z.string().min(1).refine(isPlace, 'is neither a path nor a bucket').optional(), {
    description:
      'Where backups are kept: a directory, or a bucket and a prefix in it. Somewhere that the loss of the databases does not take along. Default: `backups` in `KIROKU_DATA_DIR`, which is no such place.',
    allowed: 'a path that this user may write to, or `s3://bucket/prefix`',
  }),
  BACKUP_KEY: setting(z.string().min(32, 'is shorter than 32 characters').optional(), {
    description:
      'Secret that backups are encrypted with; only then are the keys of personal data in them. Keep it, apart from the backups: they do not open without it. Set it before the first backup. Default: backups are not encrypted.',
    allowed: 'at least 32 characters; `openssl rand -hex 32` makes some',
    secret: true,
  }),
  BACKUP_S3_ENDPOINT: setting(urlText(['http:', 'https:']).optional(), {
    description: 'Address of a store that speaks S3, other than that of AWS. Default: AWS.',
    allowed: 'a URL that starts with http:// or https://',
  }),
  BACKUP_S3_REGION: setting(
    z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, 'has other characters or is too long')
      .prefault('us-east-1'),
    { description: 'Region of the bucket.', allowed: 'lower-case letters, digits and `-`' },
  ),
  BACKUP_METHOD: choice({
    values: ['auto', 'embedded', 'pg_dump', 'pgbackrest'],
    default: 'auto',
    description:
      'How backups are made. `auto`: `embedded` for the embedded PostgreSQL; else `pgbackrest` if `BACKUP_PGBACKREST_STANZAS` is set, else `pg_dump`.',
  }),
  BACKUP_PGBACKREST_CONFIG: setting(z.string().min(1).optional(), {
    description: 'Configuration file of pgBackRest. Default: its own, `/etc/pgbackrest/pgbackrest.conf`.',
    allowed: 'a path that this user may read',
  }),
  BACKUP_PGBACKREST_STANZAS: setting(
    z
      .string()
      .transform((text) => text.split(',').map((name) => name.trim()))
      .pipe(
        z
          .array(z.string().regex(/^[\w.-]{1,128}$/, 'has a name with other characters'))
          .refine(({ length }) => length === 1 || length === 3, 'is neither one nor three'),
      )
      .optional(),
    {
      description:
        'Stanzas of pgBackRest, one for each server: one if all databases are on it, else those of event_store, command_db and query_db, in this order.',
      allowed: 'one or three names, separated by commas',
    },
  ),
  BACKUP_SCHEDULE: schedule(
    '0 2 * * *',
    'When `kiroku up` makes a backup by itself, and what `kiroku backup schedule` prints; local time.',
  ),
  BACKUP_KEEP_DAYS: integer({
    min: 1,
    max: 36_500,
    default: 30,
    description: 'How long backups are kept, in days, unless there is no newer good one.',
  }),
  BACKUP_ARCHIVE_TIMEOUT_SECONDS: integer({
    min: 1,
    max: 3_600,
    default: 60,
    description:
      'After so long a piece of write-ahead log that is not full is kept too, in seconds: about what is lost with the disk, where `kiroku backup continuous enable` was run.',
  }),
  BACKUP_DRILL_SCHEDULE: schedule(
    '0 4 * * 0',
    'When `kiroku up` tries to restore the newest backup by itself, and what `kiroku backup schedule` prints; local time.',
  ),
});

function isPlace(text: string): boolean {
  return /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w!.*'()/-]*)?$/.test(text) || !/^[a-z][a-z0-9+.-]+:\/\//i.test(text);
}

function isSchedule(text: string): boolean {
  if (!crontab.test(text)) return false; // croner knows more than crontabs do
  try {
    return new CronPattern(text, undefined, { mode: '5-part' }).minute.length > 0;
  } catch {
    return false;
  }
}
