import { describe, expect, it } from 'vitest';
import { nextSteps, type SteppedVersion } from './next-steps.ts';

const partition = (events: number) => ({ partition: 0, position: 1, movedAt: '', epoch: 1, lag: { events, seconds: 0 } });
const tables = [{ table: 't', rows: { count: 1, estimated: false }, tableBytes: 1_000_000, indexBytes: 500_000 }];
const build = (number: number, more: Partial<SteppedVersion['builds'][number]> = {}): SteppedVersion['builds'][number] => ({
  build: number,
  state: 'ready',
  active: false,
  partitions: [partition(0)],
  parkedKeys: 0,
  tables,
  ...more,
});
const active = build(2, { active: true });
const live: SteppedVersion = {
  status: { projection: 'sales', version: 1, state: 'live' },
  superseded: false,
  previousBuild: undefined,
  builds: [active],
};

describe('what can be done next with a version', () => {
  it('is nothing while there is one build', () => {
    expect(nextSteps(live)).toEqual([]);
  });

  it('is a rollback to the build before, or its retirement, which ends that', () => {
    expect(nextSteps({ ...live, previousBuild: 1, builds: [build(1, { partitions: [partition(3)], parkedKeys: 2 }), active] })).toEqual([
      'kiroku projection rollback sales: queries would read build 1 again, which is 3 events behind and has 2 parked keys',
      'kiroku projection retire sales --build 1: drops its tables (1.5 MB); there is no rollback then',
    ]);
  });

  it('is no rollback to a build that is not complete', () => {
    expect(nextSteps({ ...live, previousBuild: 1, builds: [build(1, { state: 'building' }), active] })).toEqual([]);
  });

  it('is one retirement of all that pile up', () => {
    const piled = [build(1), build(2), build(3), build(4), build(5, { active: true })];
    expect(nextSteps({ ...live, previousBuild: 4, builds: piled })).toEqual([
      'kiroku projection rollback sales: queries would read build 4 again',
      'kiroku projection retire sales --build 4: drops its tables (1.5 MB); there is no rollback then',
      'kiroku projection retire sales --version 1: drops the 3 builds that nobody reads and no rollback leads to',
    ]);
  });

  it('is the retirement of all of it if no code declares it and another is there', () => {
    const unused: SteppedVersion = { ...live, status: { ...live.status, state: 'unused' }, superseded: true, builds: [build(1), active] };
    expect(nextSteps(unused)).toEqual([
      'kiroku projection retire sales --version 1: no code declares it; drops its 2 builds (1.5 MB, 1.5 MB)',
    ]);
  });
});
