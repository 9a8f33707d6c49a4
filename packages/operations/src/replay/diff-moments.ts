import { KirokuError } from '@kiroku/core';
import type { ComparedSide, RowDifference } from '@kiroku/postgres';
import { requireMoment } from './drop-moment.ts';
import { live } from './moment-name.ts';
import { chosenProjections } from './plan-replay.ts';
import type { ReplayStores } from './replay-stores.ts';

export interface DiffChoice {
  /** Names of moments, or `live`. */
  readonly before: string;
  readonly after: string;
  /** Names of projections. Default: all that both sides have. */
  readonly names?: readonly string[];
  /** Gets the differences in pages, by projection, table and key; waited for. */
  readonly onDifferences: (differences: readonly RowDifference[]) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

/** How many rows of a table differ. */
export interface TableDifference {
  readonly projection: string;
  readonly table: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** Compares two moments, or a moment and now, in one snapshot; says of each table how many rows differ. Throws `NotFound`, `MomentNotBuilt`. */
export async function diffMoments(
  stores: Pick<ReplayStores, 'application' | 'moments'>,
  choice: DiffChoice,
): Promise<readonly TableDifference[]> {
  const { names = [], onDifferences, signal } = choice;
  const [before, after] = [await sideOf(stores, choice.before), await sideOf(stores, choice.after)];
  if (before === live && after === live)
    throw new KirokuError('BadRequest', 'Both sides are live: name a moment. `kiroku replay list` shows which there are.');
  const chosen = chosenProjections(stores, names);
  const projections = names.length > 0 ? chosen : chosen.filter((projection) => has(before, projection) && has(after, projection));
  const tables = new Map(
    projections.flatMap(({ name: projection, tables: its }) =>
      Object.keys(its).map((table) => [`${projection}.${table}`, { projection, table, added: 0, removed: 0, changed: 0 }]),
    ),
  );
  await stores.moments.compare({
    before,
    after,
    projections,
    onDifferences: (differences) => {
      for (const { projection, table, kind } of differences) {
        const counted = tables.get(`${projection}.${table}`);
        if (counted !== undefined) counted[kind]++;
      }
      return onDifferences(differences);
    },
    ...(signal && { signal }),
  });
  return [...tables.values()];
}

async function sideOf(stores: Pick<ReplayStores, 'moments'>, name: string): Promise<ComparedSide> {
  return name === live ? live : requireMoment(stores, name);
}

function has(side: ComparedSide, { name, version }: { readonly name: string; readonly version: number }): boolean {
  return side === live || side.projections.some((one) => one.projection === name && one.version === version && one.builtAt !== undefined);
}
