import { KirokuError, type VersionStatus } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { requireProjection } from '../projection-list/require-projection.ts';

export interface SwitchPlan {
  readonly name: string;
  readonly version: number;
  /** The build that is read now. */
  readonly from?: number;
  readonly to: number;
}

export interface SwitchChoice {
  readonly name: string;
  /** Default: the newest that is ready. */
  readonly build?: number;
}

/** Which build would be read. Throws `NotFound`, and `BuildNotReady` if there is none to switch to. */
export async function planSwitch({ application, builds }: ProjectionStores, { name, build }: SwitchChoice): Promise<SwitchPlan> {
  const { version } = requireProjection(application, name);
  const status = await requireVersion({ builds }, { name, version });
  const to = build ?? status.builds.filter(({ state }) => state === 'ready').at(-1)?.build;
  if (to === undefined) throw new KirokuError('BuildNotReady', `No build of ${name} version ${version} is ready to be read.`);
  if (!status.builds.some((each) => each.build === to)) {
    throw new KirokuError(
      'NotFound',
      `There is no build ${to} of ${name} version ${version}. \`kiroku projection show ${name}\` lists them.`,
    );
  }
  return { name, version, to, ...(status.activeBuild !== undefined && { from: status.activeBuild }) };
}

/** What query_db knows of a version. Throws `NotFound`. */
export async function requireVersion(
  { builds }: Pick<ProjectionStores, 'builds'>,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<VersionStatus> {
  const status = (await builds.versions(name)).find((each) => each.version === version);
  if (status !== undefined) return status;
  throw new KirokuError('NotFound', `Nothing was ever built of ${name} version ${version}.`);
}

export interface RunSwitch {
  readonly plan: SwitchPlan;
  /** As on the command line. */
  readonly verb: 'projection switch' | 'projection rollback';
  /** Also if it has parked keys that the one being read has not. */
  readonly force?: boolean;
  readonly operator: Operator;
}

/** Makes queries read another build, at once. Recorded in the audit log. Throws `NotCaughtUp`, `BuildNotReady`, `ParkedKeys`. */
export async function switchProjection(
  { audit, builds }: ProjectionStores,
  { plan, verb, force = false, operator }: RunSwitch,
): Promise<SwitchPlan> {
  const { name, version, from, to } = plan;
  return recordedRun(audit, operator, {
    verb,
    arguments: { name, version, build: to, force },
    before: async () => ({ activeBuild: from ?? null }),
    run: async () => {
      await builds.switchTo({ projection: { name, version }, build: to }, { force });
      return plan;
    },
    after: () => ({ activeBuild: to }),
  });
}
