import { z } from 'zod';
import { type BackupManifest, manifestFormat } from './manifest.ts';

const count = z.int().min(0);
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i);
const time = z.iso.datetime({ offset: true });
const database = z.object({ bytes: count, schemaVersion: count });
const databaseName = z.enum(['event_store', 'command_db', 'query_db']);

/** A manifest as it is kept. What newer code has added to this format is left as it is. */
export const manifestSchema: z.ZodType<BackupManifest> = z.looseObject({
  format: z.literal(manifestFormat),
  id: z.string().regex(/^[\w-]{1,64}$/),
  method: z.enum(['embedded', 'pg_dump', 'pgbackrest']),
  startedAt: time,
  finishedAt: time,
  kirokuVersion: z.string(),
  postgresVersion: z.string(),
  application: z.string(),
  databases: z.object({ event_store: database, command_db: database, query_db: database }),
  head: z.object({ log: z.string(), timeline: count, position: count, hash: hex, recordedAt: time.exactOptional() }),
  encrypted: z.boolean(),
  keys: z.boolean(),
  parts: z.array(z.object({ name: z.string(), storedBytes: count, sha256: hex, bytes: count })),
  physical: z
    .object({
      systemIdentifier: z.string(),
      walTimeline: count,
      walSegmentBytes: z.int().min(1 << 20),
      startLsn: lsn,
      stopLsn: lsn,
    })
    .exactOptional(),
  pgbackrest: z
    .array(
      z.object({
        stanza: z.string(),
        label: z.string(),
        databases: z.array(databaseName),
        major: count,
        port: count,
        dataDirectory: z.string(),
        configFile: z.string().exactOptional(),
        hbaFile: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
});
