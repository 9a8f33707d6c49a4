import type { ActionFilter, RecordedAction } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { openAudit } from './open-audit.ts';

/** What operators did, latest first. */
export async function listActions(installation: Installation, filter: ActionFilter): Promise<readonly RecordedAction[]> {
  await using audit = await openAudit(installation);
  return await audit.actions(filter);
}
