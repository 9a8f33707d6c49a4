import { KirokuError, type LogIdentity, type Projection } from '@kiroku/core';
import { positionOf } from '@kiroku/engine';
import { momentSchema } from '@kiroku/postgres';
import { requireProjection } from '../projection-list/require-projection.ts';
import { defaultMemoryBytes } from '../projection-rebuild/rebuild-arguments.ts';
import { momentName } from './moment-name.ts';
import type { ReplayArguments } from './replay-job.ts';
import type { ReplayStores } from './replay-stores.ts';

export interface ReplayChoice {
  /** A position, or a time (ISO 8601): the last event recorded by then is the last that is folded. */
  readonly until: number | string;
  /** Names of projections. Default: all. */
  readonly names?: readonly string[];
  /** Name of the moment, with which its schemas begin; not `live`, nor `at_<n>` of another position. Default: `at_<position>`. */
  readonly into?: string;
  /** Build anew what is built already. Default false. */
  readonly replace?: boolean;
  /** What the process may grow by, estimated. Default 1 GiB. */
  readonly memoryBytes?: number;
}

export interface ReplayPlan {
  readonly arguments: ReplayArguments;
  /** By projection, in the order of the arguments. */
  readonly schemas: readonly string[];
}

/** No job has this id, so what any has begun counts as another's. */
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * What a replay would build: of which moment, into which schemas. Throws `BadRequest` for a moment that the log has not, with its bounds, or a
 * name that cannot be; `NotFound` for an unknown projection; `MomentExists`.
 */
export async function planReplay(stores: ReplayStores, choice: ReplayChoice): Promise<ReplayPlan> {
  const { until, names = [], replace = false, memoryBytes = defaultMemoryBytes } = choice;
  const projections = chosenProjections(stores, names);
  const position = await positionOf(stores.events, until);
  const moment = {
    name: momentName(position, choice.into),
    position,
    recordedAt: await timeOf(stores, position),
    log: await logOf(stores),
  };
  const schemas = projections.map((projection) => momentSchema(moment.name, projection));
  await stores.moments.requireFree({ moment, projections, replace, job: nobody, epoch: 0 });
  return {
    arguments: { moment, projections: projections.map(({ name, version }) => ({ name, version })), replace, memoryBytes },
    schemas,
  };
}

/** The projections of these names, or all that fold. Throws `NotFound`, and `ProjectionUnsupported` for one that runs SQL of its own. */
export function chosenProjections({ application }: Pick<ReplayStores, 'application'>, names: readonly string[]): readonly Projection[] {
  const chosen =
    names.length === 0
      ? application.projections.filter(({ kind }) => kind === 'fold')
      : [...new Set(names)].map((name) => requireFold(requireProjection(application, name)));
  if (chosen.length > 0) return chosen;
  throw new KirokuError('NotFound', 'This application declares no projections that fold, so there is nothing to build.');
}

function requireFold(projection: Projection): Projection {
  if (projection.kind === 'fold') return projection;
  throw new KirokuError('ProjectionUnsupported', `${projection.name} runs SQL of its own, so it cannot be built as of a moment.`);
}

async function timeOf({ events }: ReplayStores, position: number): Promise<string> {
  const page = await events.readLog({ after: position - 1, until: position, pageSize: 1 });
  const [event] = page.events;
  if (event !== undefined) return event.recordedAt;
  throw new KirokuError('EventDamaged', `The log has no event at position ${position}. Run \`kiroku events verify\`.`);
}

async function logOf({ events }: ReplayStores): Promise<LogIdentity & { readonly id: string }> {
  return (await events.head()).log;
}
