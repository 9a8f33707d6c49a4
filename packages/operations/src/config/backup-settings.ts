import type { BackupMethod, RepositorySettings } from '@kiroku/backup';

/** Where an installation's backups are kept, how they are made, when, and for how long. */
export interface BackupSettings {
  readonly repository: RepositorySettings;
  /** Whether nobody said where: beside the databases, which is no safe place. */
  readonly besideData: boolean;
  readonly method: BackupMethod | 'auto';
  readonly pgbackrest: {
    /** Absolute. Default: pgBackRest's own. */
    readonly configFile?: string;
    /** One for all databases, or those of event_store, command_db and query_db; none: it is not used. */
    readonly stanzas: readonly string[];
  };
  /** When backups are made, as the five fields of a crontab; `undefined`: never by itself. */
  readonly schedule: string | undefined;
  /** When the newest is tried; as above. */
  readonly drillSchedule: string | undefined;
  readonly keepDays: number;
  /** Of the embedded server: after so long a segment that is not full is kept too. */
  readonly archiveTimeoutSeconds: number;
}
