import type { Application, JudgesKeyFiles, KeyStore } from '@kiroku/core';
import type { DatabaseName, Pool, RecordedHistory } from '@kiroku/postgres';
import type { ApplicationModule } from '../config/application-module.ts';
import type { DatabaseUrls } from '../config/installation.ts';
import type { Operator } from '../config/operator.ts';
import type { Diagnosis } from './finding.ts';

/** What the doctor works on: an installation, or databases that were just restored. */
export interface DoctorOptions {
  /** As the role of the services, as the one that keeps partitions, and as a superuser or the owner; all may be the same. */
  readonly urls: { readonly service: DatabaseUrls; readonly maintenance: DatabaseUrls; readonly owner: DatabaseUrls };
  readonly application: Application;
  /** Where threads of a rebuild find the application. Default: it is folded without threads. */
  readonly applicationModule?: ApplicationModule;
  /** Of personal data. */
  readonly keys: KeyStore;
  /** Their files. Default: they are not looked at. */
  readonly keyFiles?: { readonly directory: string; readonly judges: JudgesKeyFiles };
  /** Whose disks are looked at, by what they hold. Default: none. */
  readonly directories?: { readonly [holds: string]: string };
  readonly operator: Operator;
  /** Ends a repair that takes long. */
  readonly signal?: AbortSignal;
  /** Where it is done, if that is not where somebody reads of it: `the gateway`. */
  readonly place?: string;
  /** How long a look at a database may take, milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number;
}

export type PoolsByDatabase = { readonly [database in keyof DatabaseUrls]: Pool };

/** The same, opened. */
export interface Patient extends DoctorOptions {
  /** As the services. */
  readonly pools: PoolsByDatabase;
  readonly owner: PoolsByDatabase;
  /** What the log is now; asked anew each time. Ask after reading a position: the log goes on meanwhile, and who follows it goes on with it. */
  readonly log: () => Promise<PresentLog>;
  /** Where a database is, for what connects by itself. Throws `DatabaseUnavailable` if it was found not to answer. */
  readonly urlOf: (database: DatabaseName, role: 'maintenance' | 'owner') => string;
}

export interface PresentLog {
  readonly history: RecordedHistory;
  readonly head: number;
  /** ISO 8601: when the last event was recorded. */
  readonly recordedAt?: string;
}

/** A part that could not be looked at, and what it failed with. */
export interface Unseen {
  readonly unseen: unknown;
}

export type Found = Diagnosis | Unseen;

/** Looks at one kind of thing. */
export interface DoctorCheck {
  /** As `--only` takes it. */
  readonly name: string;
  /** Why a service cannot make it for somebody elsewhere. Absent: it can. */
  readonly onlyThere?: string;
  find(patient: Patient): Promise<readonly Found[]>;
}
