import { KirokuError, type VersionStatus } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { unknownProjection } from '../projection-list/require-projection.ts';

export interface RetireChoice {
  readonly name: string;
  /** One build of the version. Default: of the newest version all that are neither read nor what a rollback leads to; of an older one, all. */
  readonly build?: number;
  /** Default: the newest. */
  readonly version?: number;
}

export interface RetirePlan {
  readonly name: string;
  readonly version: number;
  readonly builds: readonly { readonly build: number; readonly tables: number; readonly bytes: number }[];
}

/** What would be dropped. Throws `NotFound`, and `BuildInUse` where that can be told before. */
export async function planRetire(stores: ProjectionStores, { name, build, version }: RetireChoice): Promise<RetirePlan> {
  const versions = await stores.builds.versions(name);
  if (versions.length === 0)
    throw unknownProjection(
      name,
      (await stores.builds.versions()).map(({ projection }) => projection),
    );
  const newest = versions.at(-1);
  const status = version === undefined ? newest : versions.find((each) => each.version === version);
  if (status === undefined) throw new KirokuError('NotFound', `Nothing was ever built of ${name} version ${version}.`);
  const chosen = chosenBuilds(status, { build, whole: status !== newest });
  const planned = chosen.map(async (each) => {
    const tables = await stores.tableSizes({ projection: name, version: status.version, build: each });
    return {
      build: each,
      tables: tables.length,
      bytes: tables.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0),
    };
  });
  return { name, version: status.version, builds: await Promise.all(planned) };
}

function chosenBuilds(
  { projection, version, builds, activeBuild, previousBuild, instances }: VersionStatus,
  { build, whole }: { readonly build: number | undefined; readonly whole: boolean },
): readonly number[] {
  const kept = builds.filter(({ state }) => state === 'ready').map((each) => each.build);
  const isRead = (each: number) => each === activeBuild && (!whole || instances.length > 0);
  if (build === undefined && whole && kept.some(isRead)) throw inUse(projection, version, `${instances.join(', ')} declares it`);
  if (build === undefined) return whole ? kept : kept.filter((each) => each !== activeBuild && each !== previousBuild);
  if (!kept.includes(build))
    throw new KirokuError('NotFound', `There is no build ${build} of ${projection} version ${version} that could be retired.`);
  if (isRead(build)) throw inUse(projection, version, 'queries read this build');
  return [build];
}

function inUse(projection: string, version: number, why: string): KirokuError {
  return new KirokuError(
    'BuildInUse',
    `${projection} version ${version} cannot be retired: ${why}. Switch to another build first, or stop the instances that need it.`,
  );
}

/** Drops the tables. Recorded in the audit log. Throws `BuildInUse`; what was dropped before stays so. */
export async function retireBuilds(
  { audit, builds }: ProjectionStores,
  { plan, operator }: { readonly plan: RetirePlan; readonly operator: Operator },
): Promise<void> {
  const { name, version } = plan;
  await recordedRun(audit, operator, {
    verb: 'projection retire',
    arguments: { name, version, builds: plan.builds.map(({ build }) => build) },
    before: async () => plan.builds.map((build) => ({ ...build })),
    run: async () => {
      for (const { build } of plan.builds) await builds.retire({ projection: { name, version }, build });
    },
    after: () => [],
  });
}
