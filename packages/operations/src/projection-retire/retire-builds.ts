import { KirokuError, type VersionStatus } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { unknownProjection } from '../projection-list/require-projection.ts';
import { spareBuilds } from '../projection-list/spare-builds.ts';
import { hasEnded } from '../projection-rebuild/claim-build.ts';

export interface RetireChoice {
  readonly name: string;
  /**
   * One build of the version. Default: of the one that this code declares all that are neither read nor what a rollback leads to, and unfinished
   * ones of rebuilds that have ended; of one that neither this code nor a process alive declares, all.
   */
  readonly build?: number;
  /** Default: the one that this code declares, the newest if that was not built. */
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
  const declared = stores.application.projections.find((projection) => projection.name === name);
  const own = versions.find((each) => each.version === declared?.version);
  const newest = versions.at(-1);
  const status = version === undefined ? (own ?? newest) : versions.find((each) => each.version === version);
  if (status === undefined) throw new KirokuError('NotFound', `Nothing was ever built of ${name} version ${version}.`);
  const abandoned = await abandonedBuilds(stores, status);
  // the newest only if it is named: while the version of this code is still to be built, it is the one to go back to
  const isLeft = status !== newest || (status.instances.length === 0 && (version !== undefined || declared === undefined));
  const chosen = chosenBuilds(status, { build, whole: status !== own && isLeft, abandoned });
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

/** Builds that will never be complete, because their jobs have ended. */
async function abandonedBuilds({ jobs }: Pick<ProjectionStores, 'jobs'>, { builds }: VersionStatus): Promise<readonly number[]> {
  const abandoned: number[] = [];
  for (const { build, state, job } of builds) if (state === 'building' && (await hasEnded(jobs, job))) abandoned.push(build);
  return abandoned;
}

function chosenBuilds(
  status: VersionStatus,
  { build, whole, abandoned }: { readonly build: number | undefined; readonly whole: boolean; readonly abandoned: readonly number[] },
): readonly number[] {
  const { projection, version, builds, activeBuild, instances } = status;
  const kept = builds.filter((each) => each.state === 'ready' || abandoned.includes(each.build)).map((each) => each.build);
  const isRead = (each: number) => each === activeBuild && (!whole || instances.length > 0);
  if (build === undefined && whole && kept.some(isRead)) throw inUse(projection, version, `${instances.join(', ')} declares it`);
  if (build === undefined) return whole ? kept : [...spareBuilds(status), ...abandoned];
  const making = builds.find((each) => each.build === build && each.state === 'building');
  if (making !== undefined && !abandoned.includes(build))
    throw new KirokuError(
      'BuildInUse',
      `Build ${build} of ${projection} version ${version} is being made by job ${making.job}. \`kiroku job cancel ${making.job}\` drops it.`,
    );
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
  { application, audit, builds }: ProjectionStores,
  { plan, operator }: { readonly plan: RetirePlan; readonly operator: Operator },
): Promise<void> {
  const { name, version } = plan;
  const evenNewest = !application.projections.some((projection) => projection.name === name && projection.version === version);
  await recordedRun(audit, operator, {
    verb: 'projection retire',
    arguments: { name, version, builds: plan.builds.map(({ build }) => build) },
    before: async () => plan.builds.map((build) => ({ ...build })),
    run: async () => {
      for (const { build } of plan.builds) await builds.retire({ projection: { name, version }, build }, { evenNewest });
    },
    after: () => [],
  });
}
