import type {
  Application,
  BuildStatus,
  EventStore,
  JobStore,
  OperatorAudit,
  ParkedKeyStore,
  ReadModel,
  ReadModelBuilds,
} from '@kiroku/core';
import type { ReadModelTableSize } from '@kiroku/postgres';

/** What verbs work with that look at projections. */
export interface ProjectionSources {
  /** What is declared. */
  readonly application: Pick<Application, 'projections'>;
  /** As it is stored: personal fields stay encrypted. */
  readonly log: Pick<EventStore, 'head' | 'readLog'>;
  /** The clock that stamps events, milliseconds since 1970. Default: this process's. */
  readonly clock?: () => Promise<number>;
  readonly builds: ReadModelBuilds;
  readonly jobs: JobStore;
  tableSizes(build: Pick<BuildStatus, 'projection' | 'version' | 'build'>): Promise<readonly ReadModelTableSize[]>;
}

/** What verbs work with that steer projections. */
export interface ProjectionStores extends ProjectionSources {
  /** What is folded: decrypted with the installation's keys. */
  readonly events: EventStore;
  readonly parked: ParkedKeyStore;
  readonly audit: OperatorAudit;
  /** Throws `DefinitionInvalid`, with `details.differences`, if the tables of a build are not as declared. */
  requireDeclaredTables(model: ReadModel): Promise<void>;
}
