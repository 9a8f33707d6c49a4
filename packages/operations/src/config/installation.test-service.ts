import { join } from 'node:path';
import type { BackupSettings } from './backup-settings.ts';
import type { Installation } from './installation.ts';

/** Backups that are made by whoever asks for one. */
export const onlyWhenAsked: BackupSettings = {
  repository: { place: '/nowhere/backups' },
  besideData: false,
  method: 'auto',
  pgbackrest: { stanzas: [] },
  schedule: undefined,
  drillSchedule: undefined,
  keepDays: 30,
  archiveTimeoutSeconds: 60,
};

/** An installation without services and read models. Nothing is in `root` yet, or ever, if it has databases of its own. */
export function installationIn(root: string, given: Partial<Installation>): Installation {
  return {
    root,
    config: { name: 'test', application: { name: 'test', aggregates: [], projections: [], processManagers: [] }, services: [] },
    dataDirectory: join(root, 'data'),
    host: '127.0.0.1',
    postgresPort: 0,
    databases: undefined,
    ports: {},
    stopTimeoutMs: 1_000,
    backup: onlyWhenAsked,
    operator: { name: 'ada', source: 'test' },
    environment: {},
    ...given,
  };
}
