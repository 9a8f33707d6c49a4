import type { OperatorAudit } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import { figuresOf, readCaches, requireCached } from '../cache-stats/read-caches.ts';
import type { Operator } from '../config/operator.ts';
import { askProcesses, requireAnswers, type ServiceAddress } from '../processes/ask-processes.ts';

export interface ClearedCache extends ServiceAddress {
  /** How many answers were given up. */
  readonly cleared: number;
}

const words = {
  what: 'The cache',
  done: 'cleared',
  doing: 'clear it',
  nothing: 'Nothing was cleared.',
  tells: 'kiroku cache stats',
};

/**
 * Has every process give up the answers that it keeps, or only those to one query. Throws `NotFound` for a query that there is not, and
 * `ServiceUnavailable` if a process cannot be reached; those that can be have cleared theirs.
 */
export async function clearCaches(
  { addresses, audit }: { readonly addresses: readonly ServiceAddress[]; readonly audit: OperatorAudit },
  { query, operator }: { readonly query?: string; readonly operator: Operator },
): Promise<readonly ClearedCache[]> {
  const caches = await readCaches(addresses);
  if (query !== undefined) requireCached(caches, 'queries', [query]);
  const chosen = query === undefined ? {} : { query };
  const body = { ...chosen, by: operator.name };
  return recordedRun(audit, operator, {
    verb: 'cache clear',
    arguments: chosen,
    before: async () => figuresOf(caches),
    run: async () => {
      const told = await askProcesses(addresses, { path: '/cache/clear', method: 'POST', body, read: clearedIn });
      return requireAnswers(told, words).map(({ service, url, answer }) => ({ service, url, cleared: answer }));
    },
    after: (cleared) => cleared.map((each) => ({ ...each })),
  });
}

function clearedIn({ cleared }: Readonly<Record<string, unknown>>): number {
  if (typeof cleared !== 'number') throw new Error('what answers there says nothing of what it cleared');
  return cleared;
}
