import { KirokuError, type Projection, type ReadModel } from '@kiroku/core';
import type { JobContext, JobDefinition } from '@kiroku/engine';
import { recordedRun } from '../audit/audited-run.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { liveLagSeconds } from '../projection-rebuild/live-lag.ts';
import { defaultMaxLagSeconds, defaultMemoryBytes } from '../projection-rebuild/rebuild-arguments.ts';
import { throttle } from '../projection-rebuild/throttle.ts';
import { rowsBefore } from './audited-rows.ts';
import { fixRows } from './fix-rows.ts';
import { requireFolds } from './require-folds.ts';
import { type FoundKeys, noKeys, type VerifiedBuild, type VerifyBuildOptions, verifyBuild } from './verify-build.ts';
import { FindingTally, firstParked, type ProjectionVerifyReport, type VerifiedProjection } from './verify-report.ts';

export const projectionVerifyVerb = 'projection verify';

/** What to verify. */
export type ProjectionVerifyArguments = {
  readonly projections: readonly { readonly name: string; readonly version: number }[];
  /** Write the rows that are not what they should be. */
  readonly fix?: boolean;
  /** Go on from what was found right the last time: cheap, for a schedule. The first time it is everything. */
  readonly incremental?: boolean;
  readonly memoryBytes?: number;
  /** 0: never wait. */
  readonly maxLagSeconds?: number;
  /** Events of the log a second at most. */
  readonly maxRate?: number;
};

/** What is done; the projection in hand is begun again. */
export type ProjectionVerifyCursor = {
  readonly verified: readonly VerifiedProjection[];
  /** Events of the log that were read for these. */
  readonly read: number;
  readonly seconds: number;
};

type VerifyContext = JobContext<ProjectionVerifyArguments, ProjectionVerifyCursor>;

/** Compares read models with the log, online. Nothing found: `report.total` is 0. */
export function projectionVerifyJob(
  open: () => ProjectionStores & AsyncDisposable,
): JobDefinition<ProjectionVerifyArguments, ProjectionVerifyCursor, ProjectionVerifyReport> {
  return {
    verb: projectionVerifyVerb,
    run: async (context) => {
      await using stores = open();
      return await verifyAll(stores, context); // before the stores are closed
    },
    // how many rows, not which: they hold personal data, and the audit log is for ever
    summary: ({ total, events, projections }) => ({
      total,
      events,
      projections: projections.map(({ findings: _rows, unfoldableRows: _unfoldable, parkedKeys: _parked, ...counted }) => counted),
    }),
  };
}

async function verifyAll(stores: ProjectionStores, context: VerifyContext): Promise<ProjectionVerifyReport> {
  const begunAt = performance.now();
  let cursor = context.cursor ?? { verified: [], read: 0, seconds: 0 };
  const before = cursor.seconds;
  let reading = 0;
  const onRead = (events: number, left: number) => {
    reading += events;
    cursor = { ...cursor, seconds: before + (performance.now() - begunAt) / 1_000 };
    const done = cursor.read + reading;
    context.report({ done, total: done + left, unit: 'events' }, cursor);
  };
  for (const wanted of context.arguments.projections) {
    if (cursor.verified.some(({ name }) => name === wanted.name)) continue;
    const verified = await verifyProjection(stores, context, { projection: requireProjection(stores.application, wanted.name), onRead });
    cursor = { ...cursor, verified: [...cursor.verified, verified], read: cursor.read + reading };
    reading = 0;
    onRead(0, 0);
    await context.saved();
  }
  const total = cursor.verified.reduce((sum, { total: found }) => sum + found, 0);
  return { projections: cursor.verified, total, events: cursor.read, seconds: cursor.seconds };
}

async function verifyProjection(
  stores: ProjectionStores,
  context: VerifyContext,
  { projection, onRead }: { readonly projection: Projection; readonly onRead: (events: number, left: number) => void },
): Promise<VerifiedProjection> {
  const {
    memoryBytes = defaultMemoryBytes,
    maxLagSeconds = defaultMaxLagSeconds,
    maxRate,
    fix = false,
    incremental = false,
  } = context.arguments;
  const { signal } = context;
  requireFolds(projection, 'verified');
  const model = await activeModel(stores, projection);
  const wait = throttle({ maxLagSeconds, lagSeconds: () => liveLagSeconds(stores), signal, ...(maxRate !== undefined && { maxRate }) });
  const options = { stores, model, memoryBytes, signal, throttle: wait, onRead, incremental };
  const first = await tallied(options);
  if (!fix || first.tally.wrong === 0) return verifiedProjection(model, first);
  const fixed = await fixAudited(stores, context, { model, found: first });
  return { ...verifiedProjection(model, await tallied(options)), fixed };
}

interface Tallied {
  readonly build: VerifiedBuild;
  readonly tally: FindingTally;
  readonly keys: FoundKeys;
}

async function tallied(options: Omit<VerifyBuildOptions, 'onFinding' | 'onUnfoldable'>): Promise<Tallied> {
  const tally = new FindingTally();
  const keys = noKeys(options.model);
  const build = await verifyBuild({
    ...options,
    onFinding: (finding) => {
      tally.add(finding);
      keys[finding.table]?.set(finding.keyText, finding.key);
    },
    onUnfoldable: (event) => tally.addUnfoldable(event),
  });
  return { build, tally, keys };
}

async function fixAudited(
  stores: ProjectionStores,
  { id, signal, log }: VerifyContext,
  { model, found }: { readonly model: ReadModel; readonly found: Tallied },
): Promise<number> {
  const { createdBy, reason } = await stores.jobs.job(id);
  const { name, version } = model.projection;
  const fixed = await recordedRun(
    stores.audit,
    { name: createdBy, source: `job ${id}`, ...(reason !== undefined && { reason }) },
    {
      verb: 'projection verify --fix',
      arguments: { projection: name, version, build: model.build, job: id },
      before: async () => ({
        ...found.tally.counts,
        rows: rowsBefore(found.tally.findings),
      }),
      run: () => fixRows({ stores, model, keys: found.keys, positions: found.build.positions, signal }),
      after: ({ changed, rows }) => ({ changed, rows }),
    },
  );
  log(`${name}: ${fixed.changed} ${fixed.changed === 1 ? 'row was' : 'rows were'} written anew`);
  return fixed.changed;
}

function verifiedProjection({ projection, build }: ReadModel, { build: verified, tally }: Tallied): VerifiedProjection {
  return {
    name: projection.name,
    version: projection.version,
    build,
    positions: verified.positions,
    rows: verified.compared,
    total: tally.wrong + tally.unfoldable,
    ...tally.counts,
    findings: tally.findings,
    unfoldable: tally.unfoldable,
    unfoldableRows: tally.unfoldableRows,
    parked: verified.parked.length,
    parkedKeys: firstParked(verified.parked),
  };
}

async function activeModel({ builds }: Pick<ProjectionStores, 'builds'>, projection: Projection): Promise<ReadModel> {
  const { name, version } = projection;
  const active = (await builds.versions(name)).find((each) => each.version === version)?.activeBuild;
  if (active !== undefined) return { projection, build: active };
  throw new KirokuError('BuildNotReady', `Nothing is read of ${name} version ${version} yet, so there is nothing to verify.`);
}
