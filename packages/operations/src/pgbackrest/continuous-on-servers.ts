import { type ArchiverState, alterSystem, archiverState, createPool, type PgBackRestState } from '@kiroku/postgres';
import { auditedRun } from '../audit/audited-run.ts';
import type { Installation } from '../config/installation.ts';
import { type EnabledPgBackRest, enablePgBackRest } from './enable-pgbackrest.ts';
import { backedUpServers, type LocalServer, localServers } from './servers.ts';

/** How far the write-ahead log of a server is kept by pgBackRest. */
export interface ServerContinuousStatus {
  readonly stanza: string;
  /** Whether the server hands it over. */
  readonly handsOver: boolean;
  /** First and last segment that are kept; absent if none is. */
  readonly wal?: { readonly first: string; readonly last: string };
  /** Pieces of log that wait to be kept. */
  readonly waiting: number;
  /** How long the oldest of them has waited, seconds. */
  readonly lagSeconds: number;
  /** How often pgBackRest took none, since the server's statistics began. */
  readonly failures: number;
  /** Why pgBackRest is not content, in its words. */
  readonly fault?: string;
  /** It is not kept, or further behind than it should be. */
  readonly behind: boolean;
}

// an open segment is handed over after the archive timeout; what is ready takes moments
const slackSeconds = 60;

/** Has each server hand its log over to pgBackRest, and proves that it arrives; the audit log notes it. Throws as `enablePgBackRest`. */
export function enableOnServers(installation: Installation): Promise<EnabledPgBackRest> {
  return auditedRun(installation, {
    verb: 'backup continuous enable',
    run: () => enablePgBackRest(installation),
    after: ({ done, toRestart }) => ({ done, toRestart }),
  });
}

/** No longer has the servers hand their log over; what is kept stays. The audit log notes it. Throws `DatabaseUnavailable`, `ConfigurationInvalid`. */
export function disableOnServers(installation: Installation): Promise<void> {
  return auditedRun(installation, {
    verb: 'backup continuous disable',
    run: async () => {
      // without a command, a server whose archive_mode is on would keep its log for ever
      for (const { url } of await backedUpServers(installation)) await alterSystem(url, { archive_command: '/bin/true' });
    },
  });
}

/** How far each server's log is kept. Throws `ToolMissing`, `ToolFailed`, `DatabaseUnavailable`, `ConfigurationInvalid`. */
export async function statusOfServers(installation: Installation): Promise<readonly ServerContinuousStatus[]> {
  const statuses: ServerContinuousStatus[] = [];
  for (const server of await localServers(installation)) {
    statuses.push(statusOf(server.stanza, await stateOf(server), await server.backrest.info()));
  }
  return statuses;
}

function statusOf(stanza: string, state: ArchiverState, { wal, fault }: PgBackRestState): ServerContinuousStatus {
  const { handsOver, waiting, failures } = state;
  const lagSeconds = Math.max(state.lagSeconds ?? 0, 0);
  return {
    stanza,
    handsOver,
    ...(wal !== undefined && { wal }),
    waiting,
    lagSeconds,
    failures,
    ...(fault !== undefined && { fault }),
    behind: !handsOver || lagSeconds > slackSeconds || fault !== undefined,
  };
}

async function stateOf({ url }: LocalServer): Promise<ArchiverState> {
  await using pool = createPool({ url, applicationName: 'kiroku-backup', max: 1 });
  return await archiverState(pool);
}
