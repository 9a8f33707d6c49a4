import { isKirokuError, type Projection } from '@kiroku/core';
import type { JobContext } from '@kiroku/engine';
import { spareBuilds } from '../projection-list/spare-builds.ts';
import type { RebuildStores } from './open-rebuild-stores.ts';
import type { RebuildArguments, RebuildCursor, RebuildTarget, RebuiltProjection } from './rebuild-arguments.ts';
import { retireOlder } from './retire-older.ts';
import { switchWhenLevel } from './switch-when-level.ts';

export interface SwitchRebuiltOptions {
  readonly stores: RebuildStores;
  readonly context: Pick<JobContext<RebuildArguments, RebuildCursor>, 'id' | 'arguments' | 'signal' | 'log'>;
  readonly projections: readonly Projection[];
  /** The builds that were made. */
  readonly targets: readonly RebuildTarget[];
  /** How many rows of one were folded. */
  readonly rowsOf: (projection: string) => number | undefined;
  /** Told how far one with SQL of its own has followed the log. */
  readonly onMoved: (projection: string, position: number, goal: number) => void;
}

/** Has the builds read that a rebuild has made, each as soon as it has caught up. Throws why one is not, once the others are. */
export async function switchRebuilt(options: SwitchRebuiltOptions): Promise<RebuiltProjection[]> {
  const { projections, targets } = options;
  const rebuilt: RebuiltProjection[] = [];
  const refused: unknown[] = [];
  // those that follow the log from its beginning come last: the others need not wait for them
  const folded = projections.filter(({ kind }) => kind === 'fold');
  for (const projection of [...folded, ...projections.filter(({ kind }) => kind === 'sql')]) {
    const target = targets.find(({ name }) => name === projection.name);
    if (target === undefined) continue;
    const switched = await switchOne(options, { projection, target, refused });
    rebuilt.push(await reported(options, { projection, target, switched }));
  }
  if (refused.length > 0) throw refused[0]; // the others are done; what was built stays, and can be looked at
  return rebuilt;
}

async function switchOne(
  { stores, context, onMoved }: SwitchRebuiltOptions,
  {
    projection,
    target: { build },
    refused,
  }: { readonly projection: Projection; readonly target: RebuildTarget; readonly refused: unknown[] },
): Promise<boolean> {
  const { id, signal, log } = context;
  const { noSwitch = false } = context.arguments;
  const { kind, name } = projection;
  if (noSwitch && kind === 'fold') return false;
  try {
    const following = kind === 'sql' && { noSwitch, onMoved: (position: number, goal: number) => onMoved(name, position, goal) };
    const { readModels } = stores;
    await switchWhenLevel({ stores, readModels, projection, build, instance: `rebuild ${id}`, signal, ...following });
    if (noSwitch) return false;
    log(`queries read build ${build} of ${name} now`);
    return true;
  } catch (error) {
    if (!isKirokuError(error, 'ParkedKeys') && !isKirokuError(error, 'BuildOutdated')) throw error;
    log(error.message);
    refused.push(error);
    return false;
  }
}

async function reported(
  { stores, context, rowsOf }: SwitchRebuiltOptions,
  { projection, target, switched }: { readonly projection: Projection; readonly target: RebuildTarget; readonly switched: boolean },
): Promise<RebuiltProjection> {
  const retired = switched && context.arguments.retire === true ? await retireOlder(stores, target, context.log) : [];
  const status = (await stores.builds.versions(target.name)).find(({ version }) => version === target.version);
  const made = status?.builds.find(({ build }) => build === target.build);
  const rows = rowsOf(target.name) ?? (projection.kind === 'sql' ? await rowsWritten(stores, target) : 0);
  const spare = status === undefined ? [] : spareBuilds(status);
  return { ...target, rows, parked: made?.parkedKeys ?? 0, switched, retired, spare: spare.filter((build) => build !== target.build) };
}

/** Rows that SQL has made. */
async function rowsWritten(stores: RebuildStores, { name: projection, version, build }: RebuildTarget): Promise<number> {
  const tables = await stores.tableSizes({ projection, version, build });
  return tables.reduce((sum, { rows }) => sum + rows.count, 0);
}
