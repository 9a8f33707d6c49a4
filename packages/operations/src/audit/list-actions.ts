import type { ActionFilter, RecordedAction } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { readActionPlace } from '../list-places/list-places.ts';
import { openAudit } from './open-audit.ts';

export interface ActionChoice extends Omit<ActionFilter, 'before'> {
  /** Where a list before ended: `actionPlace` of its last action. */
  readonly before?: string;
}

/** What operators did, latest first. Throws `BadRequest` for a place that is none. */
export async function listActions(installation: Installation, choice: ActionChoice): Promise<readonly RecordedAction[]> {
  const filter = actionFilter(choice);
  await using audit = await openAudit(installation);
  return await audit.actions(filter);
}

/** What a log is asked for. Throws `BadRequest`. */
export function actionFilter({ before, ...filter }: ActionChoice): ActionFilter {
  return { ...filter, ...(before !== undefined && { before: readActionPlace(before) }) };
}
