import type { LogIdentity } from '@kiroku/core';
import { findKnownIds, inTransaction, type Pool, rowsOf } from '@kiroku/postgres';
import type { Patient, PresentLog } from './patient.ts';

/** A process manager, and where its partitions are in the log it follows. */
export interface FollowedLog {
  readonly name: string;
  readonly logId: string;
  readonly timeline: number;
  readonly partitions: readonly number[];
  readonly positions: readonly number[];
}

/** Instances whose inputs are looked at together, and inputs that are looked up together. */
const instancesAtATime = 2_000;
const inputsAtATime = 5_000;
/** Clocks of the two databases may differ by so much. */
const slackMs = 3_600_000;
const gone =
  'a restore of the log has undone events that it had taken in, or that its commands had led to: see what was done outside, then retry, compensate or close it';

/**
 * Instances that have taken in events which the log does not have, or whose accepted commands led to such. They are not folded again from what is
 * left: outcomes that were pruned, when timers were due and what operators said is not kept, and what was done outside stays done.
 */
export async function findLostInputs(
  { pools }: Patient,
  { history }: PresentLog,
  { followed, until }: { readonly followed: FollowedLog; readonly until: number },
): Promise<readonly string[]> {
  const since = await changedSince(pools.event_store, until);
  const lost = new Set<string>();
  for await (const inputs of recentInputs(pools.command_db, followed.name, since)) {
    const known = await findKnownIds(
      pools.event_store,
      inputs.map(({ id }) => id),
    );
    for (const { instance, id } of inputs) if (!known.has(id)) lost.add(instance);
  }
  const fork = history.forks.find(({ parent }) => parent === followed.timeline);
  const values = [followed.name, until, fork?.restoredAt ?? null, since];
  for (const { instance } of await rowsOf<{ instance: string }>(pools.command_db, 'doctor/list_undone_commands', values))
    lost.add(instance);
  return [...lost].sort();
}

async function changedSince(eventStore: Pool, until: number): Promise<string> {
  const [commit] = until === 0 ? [] : await rowsOf<{ at: string }>(eventStore, 'doctor/find_recorded_at', [until]);
  return commit === undefined ? '-infinity' : new Date(Date.parse(commit.at) - slackMs).toISOString();
}

interface Input {
  readonly instance: string;
  readonly id: string;
}

async function* recentInputs(commandDb: Pool, name: string, since: string): AsyncGenerator<readonly Input[]> {
  for (let after = ''; ; ) {
    const page = await rowsOf<{ instance: string; id: string | null }>(commandDb, 'doctor/list_recent_inputs', [
      name,
      since,
      after,
      instancesAtATime,
    ]);
    const last = page.at(-1);
    if (last === undefined) return;
    const inputs = page.flatMap(({ instance, id }) => (id === null ? [] : [{ instance, id }]));
    for (let start = 0; start < inputs.length; start += inputsAtATime) yield inputs.slice(start, start + inputsAtATime);
    after = last.instance;
  }
}

/** Has a process manager go on from a position of the present history, and the instances that have taken in what is gone wait for an operator. */
export async function setBack(
  commandDb: Pool,
  {
    followed: { name, logId },
    log,
    until,
    lost,
  }: { readonly followed: FollowedLog; readonly log: LogIdentity; readonly until: number; readonly lost: readonly string[] },
): Promise<void> {
  await inTransaction(commandDb, 'begin', async (client) => {
    await rowsOf(client, 'process_managers/lock_process_managers', [[name]]);
    if (lost.length > 0) await rowsOf(client, 'doctor/fail_instances', [name, lost, gone]);
    await rowsOf(client, 'doctor/set_back_process_manager', [name, until]);
    await rowsOf(client, 'doctor/adopt_process_manager', [name, logId, log.timeline]);
  });
}
