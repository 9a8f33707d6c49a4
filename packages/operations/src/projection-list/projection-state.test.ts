import type { BuildStatus, JobState, PartitionCheckpoint, VersionStatus } from '@kiroku/core';
import { expect, test } from 'vitest';
import type { BuildUnderWay } from './build-under-way.ts';
import { projectionState, stalledBuilds } from './projection-state.ts';

const at = '2026-11-24T10:00:00.000Z';
const owned: PartitionCheckpoint = { partition: 0, position: 5, movedAt: at, epoch: 1, owner: 'query-service a:1' };
const { owner: _, ...orphan } = { ...owned, partition: 1 };
const stalled: PartitionCheckpoint = { ...owned, stalled: { reason: 'EventsTooNew: deploy', since: at } };
const build = (partitions: readonly PartitionCheckpoint[], more: Partial<BuildStatus> = {}): BuildStatus => ({
  projection: 'p',
  version: 1,
  build: 1,
  state: 'ready',
  active: true,
  log: { id: 'l', timeline: 1 },
  partitions,
  parkedKeys: 0,
  createdAt: at,
  ...more,
});
const version = (builds: readonly BuildStatus[], more: Partial<VersionStatus> = {}): VersionStatus => ({
  projection: 'p',
  version: 1,
  builds,
  instances: ['query-service a:1'],
  ...more,
});
const switchedNow = () => version([build([orphan])], { switchedAt: new Date().toISOString() });
const making = (job: JobState): BuildUnderWay => ({ build: 1, job: { id: 'j', state: job } });
const state = (
  given: VersionStatus,
  { declared = true, seconds = 0, underWay }: { declared?: boolean; seconds?: number; underWay?: BuildUnderWay } = {},
) => projectionState({ version: given, declared, lag: { events: 9, seconds }, underWay });

test.each([
  ['live', 'it is followed and near the head', state(version([build([owned])]))],
  ['catching up', 'it is followed and far behind', state(version([build([owned])]), { seconds: 60 })],
  ['orphaned', 'nobody holds a lease, however near it is', state(version([build([owned, orphan])]))],
  ['live', 'nobody holds a lease yet of a build that was switched to just now', state(switchedNow())],
  ['orphaned', 'nobody is there to take it', state({ ...switchedNow(), instances: [] })],
  ['orphaned', 'it was switched to a while ago', state({ ...switchedNow(), switchedAt: at })],
  ['stalled', 'its owner cannot go on', state(version([build([stalled, orphan])]))],
  ['paused', 'somebody paused it', state(version([build([stalled])], { pausedAt: at }))],
  ['building', 'its first build is being made', state(version([]), { underWay: making('running') })],
  ['building', 'its first build is being made by who knows whom', state(version([]), { underWay: { build: 1 } })],
  ['not built', 'the job that made its first build has failed', state(version([]), { underWay: making('failed') })],
  ['live', 'the job that made another build has failed', state(version([build([owned])]), { underWay: making('failed') })],
  ['not built', 'it is declared and there is nothing', state(version([]))],
  ['unused', 'neither this code nor a process declares it', state(version([build([orphan])], { instances: [] }), { declared: false })],
  ['live', 'other code declares it and runs', state(version([build([owned])]), { declared: false })],
])('a version is %s if %s', (expected, _why, found) => {
  expect(found.state).toBe(expected);
});

test('the reason names the partition, and what is wrong there', () => {
  expect(state(version([build([owned, orphan])])).reason).toBe('no running process holds the lease of partition 1');
  expect(state(version([build([{ ...stalled, partition: 3 }, owned])])).reason).toBe(`partition 3: EventsTooNew: deploy (since ${at})`);
});

test('a build that is kept is stalled if its owner cannot go on, and somebody should', () => {
  const kept = build([stalled], { build: 2, active: false });
  const found = { build: 2, reason: `EventsTooNew: deploy (since ${at})` };
  const stalls = (more: Partial<VersionStatus> = {}, declared = true) =>
    stalledBuilds({ version: version([build([owned]), kept, { ...kept, build: 3, state: 'retired' }], more), declared });
  expect([stalls(), stalls({}, false)]).toEqual([[found], [found]]);
  expect([stalls({ pausedAt: at }), stalls({ instances: [] }, false)]).toEqual([[], []]);
});
