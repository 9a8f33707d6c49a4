import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { listProjections } from '../projection-list/list-projections.ts';
import { type PausedVersion, type Pausing, planPause } from './plan-pause.ts';

/**
 * Stops whoever follows these projections, or lets them go on: every version, every build. Queries go on and read what is there. Recorded in
 * the audit log. Throws `NotFound`.
 */
export async function pauseProjections(
  stores: ProjectionStores,
  { names, paused, operator }: Pausing & { readonly operator: Operator },
): Promise<readonly PausedVersion[]> {
  const plan = planPause(await listProjections(stores), { names, paused });
  const changed = plan.filter(({ unchanged }) => !unchanged);
  if (changed.length === 0) return plan;
  return await recordedRun(stores.audit, operator, {
    verb: `projection ${paused ? 'pause' : 'resume'}`,
    arguments: { names: [...names] },
    before: async () => changed.map(({ projection, version }) => ({ projection, version, paused: !paused })),
    run: async () => {
      for (const { projection, version } of changed) await stores.builds.setPaused({ name: projection, version }, paused);
      return plan;
    },
    after: () => changed.map(({ projection, version }) => ({ projection, version, paused })),
  });
}
