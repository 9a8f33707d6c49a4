import { type BackupRepository, timeOfId } from '@kiroku/backup';
import type { ConsumerStore, EventStore, JobStore, OperatorAudit, ReadModelBuilds } from '@kiroku/core';
import {
  createPool,
  PostgresConsumerStore,
  PostgresEventStore,
  PostgresJobStore,
  PostgresMoments,
  PostgresOperatorAudit,
  PostgresReadModelBuilds,
  type ProcessManagerStats,
  readProcessManagerStats,
} from '@kiroku/postgres';
import { hasKeys, keptKeyIds } from '../backup-keys/kept-keys.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { BackupFacts } from './privacy-facts.ts';

/** What it takes to see where something of a subject may lie. */
export interface PrivacySources {
  readonly log: Pick<EventStore, 'head' | 'readLog' | 'readStream'>;
  readonly builds: Pick<ReadModelBuilds, 'versions' | 'parkedKeys'>;
  readonly moments: Pick<PostgresMoments, 'moments'>;
  readonly jobs: Pick<JobStore, 'jobs'>;
  readonly audit: OperatorAudit;
  readonly consumers: Pick<ConsumerStore, 'consumers'>;
  readonly processManagers: () => Promise<readonly ProcessManagerStats[]>;
}

/** Opens them straight from the databases; connects when first used. Throws `ConfigurationInvalid` if there was never a start. */
export async function openPrivacySources(installation: Installation): Promise<PrivacySources & AsyncDisposable> {
  const urls = await connectionUrls(installation, 'service');
  const pool = (database: keyof typeof urls) => createPool({ url: urls[database], applicationName: 'kiroku-privacy', max: 2 });
  const [events, commands, queries] = [pool('event_store'), pool('command_db'), pool('query_db')];
  const log = new PostgresEventStore({ pool: events });
  return {
    log,
    builds: new PostgresReadModelBuilds({ pool: queries }),
    moments: new PostgresMoments({ pool: queries }),
    jobs: new PostgresJobStore({ pool: commands }),
    audit: new PostgresOperatorAudit({ pool: commands }),
    consumers: new PostgresConsumerStore({ pool: commands }),
    processManagers: () => readProcessManagerStats(commands),
    [Symbol.asyncDispose]: async () => {
      await log.stop();
      await Promise.all([events, commands, queries].map((opened) => opened.end()));
    },
  };
}

/** What backups there are, and for how long. Throws `BackupStoreUnavailable`. */
export async function backupFacts({ backup }: Pick<Installation, 'backup'>, repository: BackupRepository): Promise<BackupFacts> {
  const { backups } = await repository.list();
  const kept = await keptKeyIds(repository);
  return {
    place: repository.place,
    keepDays: backup.keepDays,
    takesKeys: repository.encrypted && !repository.locked,
    backups: backups.map((manifest) => ({
      id: manifest.id,
      startedAt: manifest.startedAt,
      finishedAt: manifest.finishedAt,
      keys: hasKeys(manifest),
    })),
    keptKeys: kept.flatMap((id) => timeOfId(id) ?? []),
  };
}
