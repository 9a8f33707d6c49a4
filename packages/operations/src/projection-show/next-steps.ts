import type { ProjectionStatus } from '../projection-list/list-projections.ts';
import { arePilingUp } from '../projection-list/spare-builds.ts';
import type { ShownBuild } from './shown-projection.ts';

export interface SteppedVersion {
  readonly status: Pick<ProjectionStatus, 'projection' | 'version' | 'state'>;
  /** A newer version was built, or none is still to be built for this code: nobody needs it. */
  readonly superseded: boolean;
  readonly previousBuild: number | undefined;
  readonly builds: readonly Pick<ShownBuild, 'build' | 'state' | 'active' | 'partitions' | 'parkedKeys' | 'tables'>[];
}

/** What a switch back and retirements of a version would do, and what forbids them; a line each. */
export function nextSteps({ status, superseded, previousBuild, builds }: SteppedVersion): readonly string[] {
  const { projection, version, state } = status;
  const previous = builds.find(({ build }) => build === previousBuild);
  const rollback =
    previous?.state === 'ready' && !previous.active
      ? [`kiroku projection rollback ${projection}: queries would read build ${previous.build} again${howItIs(previous)}`]
      : [];
  const kept = builds.filter((build) => !build.active && build.state === 'ready');
  const spare = kept.filter(({ build }) => build !== previousBuild);
  const piled = arePilingUp(spare.map(({ build }) => build));
  const retirements = kept
    .filter(({ build }) => !piled || build === previousBuild)
    .map((build) => {
      const lost = build.build === previousBuild ? '; there is no rollback then' : '';
      return `kiroku projection retire ${projection} --build ${build.build}: drops its tables (${size(build)})${lost}`;
    });
  const all = builds.length === 1 ? 'its build' : `its ${builds.length} builds`;
  const together = piled
    ? [
        `kiroku projection retire ${projection} --version ${version}: drops the ${spare.length} builds that nobody reads and no rollback leads to`,
      ]
    : [];
  if (state !== 'unused' || !superseded) return [...rollback, ...retirements, ...together];
  return [
    `kiroku projection retire ${projection} --version ${version}: no code declares it; drops ${all} (${builds.map(size).join(', ')})`,
  ];
}

function howItIs({ partitions, parkedKeys }: SteppedVersion['builds'][number]): string {
  const events = Math.max(0, ...partitions.map(({ lag }) => lag.events));
  const behind = events === 0 ? '' : `, which is ${events.toLocaleString('en')} events behind`;
  return `${behind}${parkedKeys === 0 ? '' : `${behind === '' ? ', which has' : ' and has'} ${parkedKeys.toLocaleString('en')} parked keys`}`;
}

function size({ tables }: SteppedVersion['builds'][number]): string {
  const bytes = tables.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0);
  return `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}
