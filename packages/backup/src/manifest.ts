/** The newest format of manifests that this code reads, and writes. */
export const manifestFormat = 1;

/** How a backup was made, and so how it is restored. */
export type BackupMethod = 'embedded' | 'pg_dump' | 'pgbackrest';

/** One of the things a backup consists of. */
export interface BackupPart {
  /** Within the backup: `cluster.tar`, `event_store.dump`. */
  readonly name: string;
  /** As it is kept: compressed and sealed. */
  readonly storedBytes: number;
  /** SHA-256 of what is kept, hexadecimal: anybody can check it, without the key. */
  readonly sha256: string;
  /** As it was. */
  readonly bytes: number;
}

/** What a database held. */
export interface BackedUpDatabase {
  readonly bytes: number;
  /** The last migration that was applied. */
  readonly schemaVersion: number;
}

/** Where the log ended in a backup: what `events verify --against` compares with. */
export interface BackedUpHead {
  readonly log: string;
  readonly timeline: number;
  readonly position: number;
  /** Of the commit that ends there, hexadecimal; of zeros if the log is empty. */
  readonly hash: string;
  readonly recordedAt?: string;
}

/** The write-ahead log that a physical backup needs and begins with. */
export interface PhysicalBackup {
  readonly systemIdentifier: string;
  /** PostgreSQL's own timeline. */
  readonly walTimeline: number;
  readonly walSegmentBytes: number;
  readonly startLsn: string;
  readonly stopLsn: string;
}

/** A server's backup that pgBackRest keeps, and what starting the server anew takes. */
export interface PgBackRestServer {
  readonly stanza: string;
  /** Of the backup, in pgBackRest's repository. */
  readonly label: string;
  /** Those of the three that are on this server. */
  readonly databases: readonly ('event_store' | 'command_db' | 'query_db')[];
  readonly major: number;
  readonly port: number;
  readonly dataDirectory: string;
  /** Outside the data directory on Debian, and so not in the backup. */
  readonly configFile?: string;
  readonly hbaFile?: string;
}

/** What is known of a backup without reading it. Written last: a backup without a manifest was never finished. */
export interface BackupManifest {
  readonly format: 1;
  readonly id: string;
  readonly method: BackupMethod;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly kirokuVersion: string;
  /** Of the servers. */
  readonly postgresVersion: string;
  readonly application: string;
  readonly databases: {
    readonly event_store: BackedUpDatabase;
    readonly command_db: BackedUpDatabase;
    readonly query_db: BackedUpDatabase;
  };
  readonly head: BackedUpHead;
  readonly encrypted: boolean;
  /** Whether the keys of personal data are in it; only in encrypted ones. */
  readonly keys: boolean;
  readonly parts: readonly BackupPart[];
  readonly physical?: PhysicalBackup;
  /** Its parts are none of ours then. */
  readonly pgbackrest?: readonly PgBackRestServer[];
}
