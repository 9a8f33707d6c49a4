import type { JobDefinition } from '@kiroku/engine';
import type { DatabaseUrls } from '../config/installation.ts';
import { verifyJob } from '../events-verify/verify-job.ts';

/** Every job there is: what a process that runs jobs knows how to do. */
export function jobDefinitions(databases: DatabaseUrls): readonly JobDefinition[] {
  return [verifyJob(databases)];
}
