import { join, resolve } from 'node:path';
import type { BackupSettings } from '@kiroku/operations';
import type { backupSettings, embeddedSettings } from '@kiroku/service/config';
import type { z } from 'zod';

type Given = z.output<typeof backupSettings> & Pick<z.output<typeof embeddedSettings>, 'KIROKU_DATA_DIR'>;

/** How an installation is backed up, as the environment says. Relative paths count from `root`. */
export function backupOf(given: Given, root: string): BackupSettings {
  const { BACKUP_URL: url, BACKUP_KEY: key, BACKUP_S3_ENDPOINT: endpoint, BACKUP_PGBACKREST_CONFIG: configFile } = given;
  const place = url?.startsWith('s3://') ? url : resolve(root, url ?? join(given.KIROKU_DATA_DIR, 'backups'));
  const s3 = { region: given.BACKUP_S3_REGION, ...(endpoint !== undefined && { endpoint }) };
  return {
    repository: { place, s3, ...(key !== undefined && { key }) },
    besideData: url === undefined,
    method: given.BACKUP_METHOD,
    pgbackrest: {
      stanzas: given.BACKUP_PGBACKREST_STANZAS ?? [],
      ...(configFile !== undefined && { configFile: resolve(root, configFile) }),
    },
    schedule: unlessOff(given.BACKUP_SCHEDULE),
    drillSchedule: unlessOff(given.BACKUP_DRILL_SCHEDULE),
    keepDays: given.BACKUP_KEEP_DAYS,
    archiveTimeoutSeconds: given.BACKUP_ARCHIVE_TIMEOUT_SECONDS,
  };
}

function unlessOff(schedule: string): string | undefined {
  return schedule === 'off' ? undefined : schedule;
}
