/** Events of a type and category among those that were looked at, and how many of them begin a stream. */
export interface Counted {
  readonly type: string;
  readonly category: string;
  readonly events: number;
  readonly streams: number;
}

/** A number of things. */
export interface Figure {
  readonly count: number;
  /** Extrapolated from a sample. */
  readonly estimated: boolean;
}

export interface Breakdown {
  readonly streams: Figure;
  /** Most events first. */
  readonly types: readonly { readonly type: string; readonly events: Figure }[];
  readonly categories: readonly { readonly category: string; readonly events: Figure; readonly streams: Figure }[];
}

export interface BreakdownOptions {
  /** In the log. */
  readonly events: number;
  readonly counted: readonly Counted[];
  /** How many events were looked at. Default: all. */
  readonly sample?: number;
  /** Every type, with the number of its events if that is known. */
  readonly rareTypes?: ReadonlyMap<string, number | undefined>;
  /** Every category. */
  readonly categories?: readonly string[];
}

/** Adds up by type and category, and extrapolates if not all was looked at. */
export function breakdown({ events, counted, sample, rareTypes = new Map(), categories = [] }: BreakdownOptions): Breakdown {
  const estimated = sample !== undefined;
  const figure = (count: number): Figure => ({ count: estimated ? Math.round((count * events) / sample) : count, estimated });
  const eventsByType = sums(counted, 'type', 'events', rareTypes.keys());
  const eventsByCategory = sums(counted, 'category', 'events', categories);
  const streamsByCategory = sums(counted, 'category', 'streams', categories);
  const known = (type: string): Figure | undefined => {
    const count = rareTypes.get(type);
    return count === undefined ? undefined : { count, estimated: false };
  };
  return {
    streams: figure(counted.reduce((sum, { streams }) => sum + streams, 0)),
    types: [...eventsByType]
      .map(([type, count]) => ({ type, events: known(type) ?? figure(count) }))
      .sort((a, b) => b.events.count - a.events.count || (a.type < b.type ? -1 : 1)),
    categories: [...eventsByCategory]
      .map(([category, count]) => ({ category, events: figure(count), streams: figure(streamsByCategory.get(category) ?? 0) }))
      .sort((a, b) => b.events.count - a.events.count || (a.category < b.category ? -1 : 1)),
  };
}

function sums(
  counted: readonly Counted[],
  key: 'type' | 'category',
  figure: 'events' | 'streams',
  names: Iterable<string>,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, 0);
  for (const row of counted) found.set(row[key], (found.get(row[key]) ?? 0) + row[figure]);
  return found;
}
