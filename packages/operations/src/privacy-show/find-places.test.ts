import type { BuildStatus, Projection, VersionStatus } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { findPlaces } from './find-places.ts';
import { commandsOf } from './place.ts';
import type { PrivacyFacts } from './privacy-facts.ts';

const before = '2026-11-01T10:00:00.000Z';
const forgottenAt = Date.parse('2026-11-02T10:00:00Z');
const cleanFrom = forgottenAt + 10_000;
const after = '2026-11-02T11:00:00.000Z';

const reader = (name: string, eventTypes: readonly string[]) => ({ name, version: 2, eventTypes }) as unknown as Projection; // no more is looked at
const application = {
  aggregates: [{ events: { Joined: { personal: {} }, Lent: {} } }],
  projections: [reader('members', ['Joined', 'Lent']), reader('loans', ['Lent'])],
  processManagers: [{ name: 'welcome', eventTypes: ['Joined'] }],
} as unknown as PrivacyFacts['application']; // likewise

const build = (number: number, more: Partial<BuildStatus> = {}): BuildStatus => ({
  projection: 'members',
  version: 2,
  build: number,
  state: 'ready',
  active: false,
  log: { id: 'a', timeline: 1 },
  partitions: [],
  parkedKeys: 0,
  createdAt: before,
  ...more,
});
const version = (builds: readonly BuildStatus[], more: Partial<VersionStatus> = {}): VersionStatus => ({
  projection: 'members',
  version: 2,
  builds,
  instances: [],
  ...more,
});
const placesOf = (facts: Partial<PrivacyFacts>) => findPlaces({ application, typesAbout: [], jobRetentionDays: 90, ...facts });
const forgotten = { forgottenAt, cleanFrom };

describe('read models that may have something of a subject', () => {
  test('are those that read events with personal fields: made anew, then all builds from before go', () => {
    const members = version([build(1), build(2, { active: true })], { activeBuild: 2, previousBuild: 1 });
    const places = placesOf({ versions: [members, version([build(1, { active: true })], { projection: 'loans' })] });
    expect(places).toMatchObject([{ kind: 'read model', where: 'members', holds: 'build 1 (for a rollback), build 2 (read)' }]);
    expect(commandsOf(places)).toEqual([
      'kiroku projection rebuild members',
      'kiroku projection retire members --build 1 --yes',
      'kiroku projection retire members --build 2 --yes',
    ]);
  });

  test('are those, too, that read events in which the log has something of it, though nothing declares that any more', () => {
    const loans = version([build(1, { active: true })], { projection: 'loans' });
    expect(placesOf({ versions: [loans], typesAbout: ['Lent'] })).toMatchObject([{ where: 'loans' }]);
  });

  test('go with their version where this code declares another, or none', () => {
    const earlier = version([build(1, { version: 1, active: true })], { version: 1 });
    const gone = version([build(1, { projection: 'old', active: true })], { projection: 'old', instances: ['query a:1'] });
    const places = placesOf({ versions: [earlier, gone] });
    expect(commandsOf(places)).toEqual([
      'kiroku projection retire members --version 1 --yes',
      'kiroku projection retire old --version 2 --yes',
    ]);
    expect(places[1]?.holds).toContain('needed by query a:1');
  });

  test('are none that were made since, from the log alone', () => {
    const since = { active: true, createdAt: after };
    const of = (job: string) =>
      placesOf({ ...forgotten, wholeJobs: new Set(['whole']), versions: [version([build(3, { ...since, job })])] });
    expect(of('whole')).toEqual([]);
    expect(of('partly')).toMatchObject([{ where: 'members' }]);
    expect(placesOf({ ...forgotten, versions: [version([build(1, since)])] })).toEqual([]);
    expect(placesOf({ ...forgotten, versions: [version([build(1, { state: 'retired' })])] })).toEqual([]);
  });

  test('that are being made are cancelled first, and several are made anew together', () => {
    const members = version([build(1, { active: true }), build(2, { state: 'building', job: 'j' })]);
    const others = version([build(1, { projection: 'loans', active: true })], { projection: 'loans' });
    const commands = commandsOf(placesOf({ versions: [members, others], typesAbout: ['Lent'] }));
    expect(commands.slice(0, 2)).toEqual(['kiroku job cancel j', 'kiroku projection rebuild members loans']);
  });
});

describe('beside read models', () => {
  const uuidAt = (time: string) => {
    const hex = Date.parse(time).toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
  };
  const moment = (time: string, projection = 'members') =>
    ({ name: 'at_7', projections: [{ projection, job: uuidAt(time) }] }) as unknown as NonNullable<PrivacyFacts['moments']>[number]; // likewise

  test('moments hold rows, unless they were built since', () => {
    expect(placesOf({ moments: [moment(after)] })).toMatchObject([{ commands: ['kiroku replay drop at_7 --yes'] }]);
    expect(placesOf({ ...forgotten, moments: [moment(before)] })).toHaveLength(1);
    expect(placesOf({ ...forgotten, moments: [moment(after), moment(before, 'loans')] })).toEqual([]);
  });

  test('process managers hold states, whether they are done or not', () => {
    const stats = { started: 6, running: 2, completed: 3, compensated: 0, failed: 1, stuck: 0, oldestRunning: before };
    const welcome = { processManager: 'welcome', ...stats };
    expect(placesOf({ processManagers: [welcome] })).toMatchObject([
      {
        holds: '2 running, 1 failed: states, and commands on their way; 3 ended: their states stay',
        commands: [
          'kiroku saga list --process-manager welcome --state running',
          'kiroku saga list --process-manager welcome --state failed',
        ],
      },
    ]);
    expect(placesOf({ ...forgotten, processManagers: [{ ...welcome, oldestRunning: after, failed: 0, completed: 0 }] })).toEqual([]);
  });

  test('consumers have what they were sent readable', () => {
    const consumer = (more: object) =>
      ({ name: 'crm', reveal: true, filter: {}, createdAt: before, ...more }) as unknown as NonNullable<PrivacyFacts['consumers']>[number]; // likewise
    const [revealed, hidden] = [consumer({ filter: { types: ['Joined'] } }), consumer({ reveal: false })];
    const others = [hidden, consumer({ filter: { types: ['Lent'] } }), consumer({ createdAt: after })];
    expect(placesOf({ ...forgotten, consumers: [revealed, ...others] })).toMatchObject([
      { kind: 'consumer', where: 'crm', commands: ['kiroku consumer show crm'] },
    ]);
  });

  test('verifications have rows that they found, and repairs those that they changed', () => {
    const job = { id: 'j', createdAt: before, endedAt: before, result: { projections: [{ name: 'members', findings: [{}] }] } };
    const repair = { verb: 'projection verify --fix', at: before, arguments: { projection: 'members' } };
    const places = placesOf({ verifications: [job], repairs: [repair] } as unknown as PrivacyFacts); // likewise
    expect(places).toMatchObject([
      { kind: 'findings', where: 'job j', until: '2027-01-30T10:00:00.000Z' },
      { kind: 'audit log', holds: expect.stringContaining('only the owner') },
    ]);
    expect(commandsOf(places)).toEqual([]);
  });
});

describe('backups', () => {
  const made = (at: string, keys = true) => ({ id: at, startedAt: at, finishedAt: at, keys });
  const facts = (...backups: readonly ReturnType<typeof made>[]) => ({ place: '/b', keepDays: 30, takesKeys: true, backups, keptKeys: [] });

  test('are told with the time until which they are kept', () => {
    const places = placesOf({ backups: { ...facts(made(before), made(after, false)), keptKeys: [after] } });
    expect(places).toMatchObject([
      {
        until: '2026-12-03T11:00:00.000Z',
        holds: expect.stringMatching(/^2 .*1 of them with keys; keys that were kept/),
        backups: [{}, {}],
      },
    ]);
    expect(places[0]?.commands).toEqual(['kiroku backup prune --yes']);
    expect(commandsOf(places)).toEqual([]);
  });

  test('that were made since hold nothing of a subject whose read models are made anew', () => {
    const [old, anew] = [build(1, { active: true }), build(2, { active: true, createdAt: after })];
    expect(placesOf({ ...forgotten, versions: [version([anew])], backups: facts(made(after)) })).toEqual([]);
    expect(placesOf({ ...forgotten, versions: [version([old])], backups: facts(made(after)) })).toMatchObject([
      { kind: 'read model' },
      { kind: 'backups' },
    ]);
    const retired = build(1, { state: 'retired', retiredAt: '2026-11-02T12:00:00.000Z' });
    expect(placesOf({ ...forgotten, versions: [version([retired, anew])], backups: facts(made(after)) })).toMatchObject([
      { kind: 'backups' },
    ]);
  });

  test('that have keys have to hear that one was destroyed', () => {
    const told = placesOf({ ...forgotten, backups: facts(made(before)) });
    expect(commandsOf(told)).toEqual(['kiroku backup keys']);
    expect(commandsOf(placesOf({ ...forgotten, backups: { ...facts(made(before)), keptKeys: [after] } }))).toEqual([]);
    expect(commandsOf(placesOf({ ...forgotten, backups: facts(made(before, false)) }))).toEqual([]);
  });
});
