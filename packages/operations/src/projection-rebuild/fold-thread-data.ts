import type { ErrorCode, ErrorDetails, LogPart } from '@kiroku/core';
import type { ApplicationModule } from '../config/application-module.ts';
import type { DatabaseUrls } from '../config/installation.ts';
import type { LoadedBuild } from './building.ts';

/** A build, or a part of it, that a thread folds. */
export interface FoldTask {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly epoch: number;
  readonly part?: LogPart;
}

/** What a thread is started with. */
export interface FoldThreadData {
  readonly applicationModule: ApplicationModule;
  readonly databases: DatabaseUrls;
  readonly tasks: readonly FoldTask[];
  readonly until: number;
  readonly memoryBytes: number;
}

/** What a thread asks for, and waits for. */
export type Question =
  | { readonly findKey: string }
  | { readonly findOtherKeys: string }
  /** So many events were looked at: may it go on? */
  | { readonly throttle: number }
  /** It is about to load rows. */
  | { readonly load: true };

/** What a thread tells. */
export type FromThread =
  | { readonly number: number; readonly question: Question }
  | { readonly read: number; readonly left: number }
  | { readonly kept: true }
  | { readonly loaded: LoadedBuild; readonly task: number }
  | { readonly done: true }
  | { readonly fault: ThreadFault };

export type ToThread = { readonly number: number } & ({ readonly answer: unknown } | { readonly fault: ThreadFault });

/** An error on its way between threads, where it would lose its class. */
export interface ThreadFault {
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: ErrorCode;
  readonly details?: ErrorDetails;
  /** Of `KeysNotByStream`. */
  readonly projection?: string;
}
