import { KirokuError, type OwnedBuild, type ReadModelBuilds } from '@kiroku/core';
import { addSums, RowDigest, type RowSum } from '@kiroku/engine';
import { type LoadedBuild, untilAborted } from './building.ts';

export interface CompleteBuildOptions {
  readonly builds: ReadModelBuilds;
  readonly model: OwnedBuild;
  /** All parts of it. */
  readonly loaded: readonly LoadedBuild[];
  /** Position that it was folded to. */
  readonly position: number;
  /** Whether the rows are read back, to see that they are what was folded. Not so if others were carried over. */
  readonly check: boolean;
  readonly signal: AbortSignal;
}

/** Gives a build whose rows are loaded its keys, indexes and checkpoints. */
export async function completeBuild({ builds, model, loaded, position, check, signal }: CompleteBuildOptions): Promise<void> {
  const parked = loaded.flatMap((each) => each.parked);
  await builds.finish(model, { position, parked, ...(check && { check: () => requireFolded(builds, model, { loaded, signal }) }) });
}

async function requireFolded(
  builds: ReadModelBuilds,
  model: OwnedBuild,
  options: Pick<CompleteBuildOptions, 'loaded' | 'signal'>,
): Promise<void> {
  const differing = await differingTables(builds, model, options);
  if (differing.length === 0) return;
  throw new KirokuError(
    'Internal',
    `Build ${model.build} of ${model.projection.name}: what is read of ${differing.join(', ')} is not what was folded, so it is not used. Look at the disk and the server's log; \`kiroku job cancel\` drops the build.`,
  );
}

/** How many rows were loaded. */
export function rowsLoaded(loaded: readonly LoadedBuild[]): number {
  return loaded.flatMap(({ sums }) => Object.values(sums)).reduce((sum, { rows }) => sum + rows, 0);
}

function differingTables(
  builds: ReadModelBuilds,
  model: OwnedBuild,
  { loaded, signal }: Pick<CompleteBuildOptions, 'loaded' | 'signal'>,
): Promise<readonly string[]> {
  return builds.readRows(model, async (snapshot) => {
    const differing: string[] = [];
    for (const [name, table] of Object.entries(model.projection.tables)) {
      const found = new RowDigest(table);
      for await (const page of untilAborted(snapshot.rows(name), signal)) found.add(page);
      const should = loaded.map(({ sums }) => sums[name] ?? nothing).reduce(addSums, nothing);
      const is = found.sum;
      if (is.rows !== should.rows || is.low !== should.low || is.high !== should.high) differing.push(name);
    }
    return differing;
  });
}

const nothing: RowSum = { rows: 0, low: 0, high: 0 };
