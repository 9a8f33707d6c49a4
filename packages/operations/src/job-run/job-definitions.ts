import type { Application, KeyStore } from '@kiroku/core';
import type { JobDefinition } from '@kiroku/engine';
import type { ApplicationModule } from '../config/application-module.ts';
import type { DatabaseUrls } from '../config/installation.ts';
import { verifyJob } from '../events-verify/verify-job.ts';
import { foldThreads } from '../projection-rebuild/fold-in-threads.ts';
import { openRebuildStores } from '../projection-rebuild/open-rebuild-stores.ts';
import { requiredCode } from '../projection-rebuild/rebuild-arguments.ts';
import { rebuildJob } from '../projection-rebuild/rebuild-job.ts';
import { projectionVerifyJob } from '../projection-verify/projection-verify-job.ts';
import { replayJob } from '../replay/replay-job.ts';

export interface JobDefinitionsOptions {
  /** Its projections are what jobs rebuild and verify. */
  readonly application: Application;
  /** Of personal data, which folds read. */
  readonly keys: KeyStore;
  /** Where threads of a rebuild find the application. Default: it is folded without threads. */
  readonly applicationModule?: ApplicationModule;
}

/** Every job there is: what a process that runs jobs knows how to do. */
export function jobDefinitions(databases: DatabaseUrls, options: JobDefinitionsOptions): readonly JobDefinition[] {
  const open = () => openRebuildStores(databases, { ...options, applicationName: 'kiroku-jobs' });
  return [
    verifyJob(databases),
    rebuildJob(open, foldThreads(databases, options)),
    projectionVerifyJob(open),
    replayJob(databases, options),
  ];
}

/** The code that a process with this application has, as jobs require it. */
export function providedCode({ projections }: Pick<Application, 'projections'>): readonly string[] {
  return requiredCode(projections);
}
