import type { AuditedCommand, AuditFilter, AuditTrail, EventMetadata, TrailPage } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { mostEntries, trailPage } from './trail-page.ts';

interface AcceptedRow {
  readonly position: number;
  readonly stream: string;
  readonly recorded_at: string;
  readonly metadata: EventMetadata;
}

/** Positions looked through at once, where no index helps: some 50 ms. */
const span = 10_000;

/** The commands that left events, read from the log: their places are the positions of their first events. The pool is the caller's to end. */
export class AcceptedCommands implements AuditTrail<AuditedCommand> {
  readonly #pool: Pool;

  /** `pool`: of event_store. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  async page(filter: AuditFilter, before?: number): Promise<TrailPage<AuditedCommand>> {
    const { user, type, stream, correlationId, since, until } = filter;
    const way = wayOf(filter);
    return trailPage({
      first: since === undefined ? 1 : 1 + (await this.#positionAt(new Date(Math.max(Date.parse(since) - 1, 0)).toISOString())),
      last: await this.#positionAt(until ?? 'infinity'),
      before,
      span: way === 'page_accepted' ? span : Number.POSITIVE_INFINITY,
      read: async (from, to) => {
        const values = [from, to, user, type, stream, correlationId, since, mostEntries];
        return (await rowsOf<AcceptedRow>(this.#pool, `audit/${way}`, values)).map(toEntry);
      },
      timeAt: async (position) => {
        const [row] = await rowsOf<{ recorded_at: string }>(this.#pool, 'audit/find_event_time', [position]);
        return row?.recorded_at;
      },
    });
  }

  async #positionAt(time: string): Promise<number> {
    const [row] = await rowsOf<{ position: number }>(this.#pool, 'read/find_position_at', [time]);
    return row?.position ?? 0;
  }
}

/** The statement for a filter: what an index finds is found in all of the log at once. */
function wayOf({ stream, correlationId }: AuditFilter): string {
  if (stream !== undefined) return 'page_accepted_in_stream';
  return correlationId === undefined ? 'page_accepted' : 'page_accepted_correlated';
}

function toEntry({ position, stream, recorded_at: at, metadata }: AcceptedRow): TrailPage<AuditedCommand>['entries'][number] {
  const { commandId, commandType: type, actor: user, role, sourceAddress, correlationId, receivedAt } = metadata;
  const durationMs = receivedAt === undefined ? Number.NaN : Date.parse(at) - Date.parse(receivedAt);
  const entry: AuditedCommand = {
    at,
    outcome: 'accepted',
    position,
    stream,
    ...(receivedAt !== undefined && { receivedAt }),
    ...(!Number.isNaN(durationMs) && { durationMs: Math.max(0, durationMs) }), // the clocks need not agree
    ...(commandId !== undefined && { commandId }),
    ...(type !== undefined && { type }),
    ...(user !== undefined && { user }),
    ...(role !== undefined && { role }),
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(correlationId !== undefined && { correlationId }),
  };
  return { place: position, at, entry };
}
