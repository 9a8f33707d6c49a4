import { KirokuError, type Projection } from '@kiroku/core';
import { foldLog, type JobContext, type JobDefinition, MemoryFold, rowPages, type Share, wholeShare } from '@kiroku/engine';
import type { MomentTarget } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';
import { heldUp } from '../projection-rebuild/held-up.ts';
import { type OpenReplay, openReplayStores, type ReplayStores } from './replay-stores.ts';

export const replayVerb = 'replay';

/** What to build. */
export type ReplayArguments = {
  readonly moment: {
    readonly name: string;
    readonly position: number;
    readonly recordedAt: string;
    readonly log: { readonly id: string; readonly timeline: number };
  };
  readonly projections: readonly { readonly name: string; readonly version: number }[];
  readonly replace: boolean;
  readonly memoryBytes: number;
};

/** What is built stands in query_db: nothing needs to be remembered here. */
type ReplayCursor = Record<string, never>;

export type ReplayReport = {
  readonly moment: string;
  readonly position: number;
  readonly recordedAt: string;
  readonly projections: readonly {
    readonly projection: string;
    readonly version: number;
    readonly schema: string;
    readonly parkedKeys: number;
    readonly bytes: number;
  }[];
};

type ReplayContext = JobContext<ReplayArguments, ReplayCursor>;

/** Builds read models as of a moment, in schemas beside the live ones. What is built stays; what is not begins anew after a crash. */
export function replayJob(
  databases: Pick<DatabaseUrls, 'event_store' | 'query_db'>,
  open: OpenReplay,
): JobDefinition<ReplayArguments, ReplayCursor, ReplayReport> {
  return {
    verb: replayVerb,
    run: async (context) => {
      await using stores = openReplayStores(databases, open);
      try {
        return await replay(stores, context);
      } catch (error) {
        throw heldUp(error) ?? error;
      }
    },
    summary: (report) => report,
  };
}

async function replay(stores: ReplayStores, context: ReplayContext): Promise<ReplayReport> {
  const { moment } = context.arguments;
  await requireSameLog(stores, context.arguments);
  const projections = await unbuilt(stores, context);
  if (projections.length > 0) {
    await stores.moments.begin({ ...context.arguments, projections, job: context.id, epoch: context.epoch });
    await foldInPasses(stores, context, projections);
  }
  const built = await stores.moments.moment(moment.name);
  return { moment: moment.name, position: moment.position, recordedAt: moment.recordedAt, projections: reported(built, context.arguments) };
}

async function requireSameLog({ events }: ReplayStores, { moment }: ReplayArguments): Promise<void> {
  const { log } = await events.head();
  if (log.id === moment.log.id && log.timeline === moment.log.timeline) return;
  throw new KirokuError(
    'LogMismatch',
    `Position ${moment.position} was chosen in log ${moment.log.id}, timeline ${moment.log.timeline}; the event store is log ${log.id}, timeline ${log.timeline}. Choose the moment again.`,
  );
}

/** What this job has not built yet. */
async function unbuilt({ application, moments }: ReplayStores, { arguments: wanted, id }: ReplayContext): Promise<readonly Projection[]> {
  const there = (await moments.moment(wanted.moment.name))?.projections ?? [];
  return wanted.projections
    .filter(
      ({ name, version }) =>
        !there.some((one) => one.projection === name && one.version === version && one.job === id && one.builtAt !== undefined),
    )
    .map(({ name, version }) => {
      const declared = application.projections.find((projection) => projection.name === name && projection.version === version);
      if (declared !== undefined) return declared;
      throw new KirokuError('NotFound', `This code does not declare ${name} version ${version}, which the replay was to build.`);
    });
}

interface Pass {
  readonly projection: Projection;
  readonly share: Share;
}

// one pass over the log for all projections; what does not fit into the memory is folded in further ones
async function foldInPasses(stores: ReplayStores, context: ReplayContext, projections: readonly Projection[]): Promise<void> {
  const { moment, memoryBytes } = context.arguments;
  const parkedKeys = new Map(projections.map((projection) => [projection, 0]));
  let passes: readonly Pass[] = projections.map((projection) => ({ projection, share: wholeShare }));
  for (let number = 0; passes.length > 0; number++) {
    const later: Pass[] = [];
    const folds = passes.map((pass) => new MemoryFold(pass));
    await foldLog({
      eventStore: stores.events,
      folds,
      until: moment.position,
      memoryBytes,
      signal: context.signal,
      onGivenUp: ({ projection }, share) => later.push({ projection, share }),
      onPage: (position) => {
        const total = moment.position * (number + (later.length > 0 ? 2 : 1));
        context.report({ done: moment.position * number + position, total, unit: 'events' }, {});
      },
    });
    for (const fold of folds) {
      await load(stores, context, fold);
      const parked = fold.tables.reduce((sum, { parking }) => sum + parking.size, 0);
      parkedKeys.set(fold.projection, (parkedKeys.get(fold.projection) ?? 0) + parked);
    }
    for (const projection of new Set(folds.map((fold) => fold.projection))) {
      if (later.some((pass) => pass.projection === projection)) continue; // shares of it are still to come
      await finish(stores, context, { projection, parkedKeys: parkedKeys.get(projection) ?? 0 });
    }
    passes = later;
  }
}

async function load({ moments }: ReplayStores, context: ReplayContext, fold: MemoryFold): Promise<void> {
  for (const { name, rows } of fold.tables) {
    context.signal.throwIfAborted();
    await moments.load(targetOf(context, fold.projection), name, rowPages(rows.values()));
  }
}

async function finish(
  { moments }: ReplayStores,
  context: ReplayContext,
  { projection, parkedKeys }: { readonly projection: Projection; readonly parkedKeys: number },
): Promise<void> {
  await moments.finish(targetOf(context, projection), { parkedKeys });
  const parked = parkedKeys === 0 ? '' : `, but for ${parkedKeys} parked keys`;
  const { moment } = context.arguments;
  context.log(`${projection.name} version ${projection.version} is built as of position ${moment.position}${parked}`);
}

function targetOf({ arguments: { moment }, id: job, epoch }: ReplayContext, projection: Projection): MomentTarget {
  return { moment, job, epoch, projection };
}

function reported(
  built: Awaited<ReturnType<ReplayStores['moments']['moment']>>,
  { projections }: ReplayArguments,
): ReplayReport['projections'] {
  return (built?.projections ?? [])
    .filter((one) => projections.some(({ name, version }) => one.projection === name && one.version === version))
    .map(({ projection, version, schema, parkedKeys, bytes }) => ({ projection, version, schema, parkedKeys, bytes }));
}
