import type { Moment } from '@kiroku/postgres';
import { readMomentPlace } from '../list-places/list-places.ts';
import type { ReplayStores } from './replay-stores.ts';

export interface MomentFilter {
  /** Where a list before ended: `momentPlace` of its last moment. */
  readonly after?: string;
  readonly limit: number;
}

/** Moments, oldest position first. Throws `BadRequest` for a place that is none. */
export async function listMoments({ moments }: Pick<ReplayStores, 'moments'>, { after, limit }: MomentFilter): Promise<readonly Moment[]> {
  return moments.moments({ limit, ...(after !== undefined && { after: readMomentPlace(after) }) });
}
