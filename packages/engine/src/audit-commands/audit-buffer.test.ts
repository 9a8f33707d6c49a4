import { KirokuError, type UnrecordedCommand } from '@kiroku/core';
import { InMemoryCommandAudit, sampleCommand, withFaults } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { AuditBuffer } from './audit-buffer.ts';

async function usersIn(audit: InMemoryCommandAudit): Promise<readonly string[]> {
  const { entries } = await audit.page({});
  return entries.map(({ entry: { user, lost } }) => (lost === undefined ? (user ?? '') : `lost ${lost}`)).reverse();
}

function add(buffer: AuditBuffer, ...users: readonly string[]): void {
  for (const user of users) buffer.add(sampleCommand({ user }));
}

describe('entries of the audit', () => {
  test('are written soon, in their order, without anybody asking for it', async () => {
    const audit = new InMemoryCommandAudit();
    await using buffer = new AuditBuffer({ audit, flushMs: 1, batchSize: 2 });
    add(buffer, 'a', 'b', 'c');
    await expect.poll(() => usersIn(audit)).toEqual(['a', 'b', 'c']);
    add(buffer, 'd');
    await expect.poll(() => usersIn(audit)).toEqual(['a', 'b', 'c', 'd']);
    expect(buffer.waiting).toBe(0);
  });

  test('are written when it stops', async () => {
    const audit = new InMemoryCommandAudit();
    const buffer = new AuditBuffer({ audit, flushMs: 60_000 });
    add(buffer, 'a', 'b');
    await buffer.stop();
    expect(await usersIn(audit)).toEqual(['a', 'b']);
  });

  test('wait while the database is away, and are there once although answers were lost', async () => {
    const audit = new InMemoryCommandAudit();
    let left = 4;
    const faulty = withFaults(audit, ['record'], (_, when) => (left > 2 ? when === 'before' : when === 'after') && left-- > 0);
    const faults: unknown[] = [];
    await using buffer = new AuditBuffer({ audit: faulty, flushMs: 1, onFault: (error) => faults.push(error) });
    add(buffer, 'a', 'b');
    await expect.poll(() => buffer.waiting).toBe(0);
    expect(await usersIn(audit)).toEqual(['a', 'b']);
    expect(faults).toHaveLength(1); // told once, not each time it is tried
  });

  test('are bounded while the database is away; how many were lost is said in their place', async () => {
    const audit = new InMemoryCommandAudit();
    let away = true;
    let lost = 0;
    let tries = 0;
    await using buffer = new AuditBuffer({
      audit: withFaults(audit, ['record'], (_, when) => ++tries > 0 && away && when === 'before'),
      capacity: 3,
      flushMs: 1,
      onLost: (count) => (lost += count),
    });
    add(buffer, 'a', 'b', 'c', 'd', 'e');
    await expect.poll(() => tries).toBeGreaterThan(1); // what was tried has an entry of what was lost by then
    add(buffer, 'f');
    await expect.poll(() => tries).toBeGreaterThan(20);
    expect(buffer.waiting).toBe(4);
    away = false;
    await expect.poll(() => usersIn(audit)).toEqual(['a', 'b', 'c', 'lost 2', 'lost 1']);
    expect(lost).toBe(3);
  });

  test('that the database always refuses are given up, and counted; those around them are written', async () => {
    const audit = new InMemoryCommandAudit();
    const record = async (commands: readonly UnrecordedCommand[]) => {
      if (commands.some(({ user }) => user === 'poison')) throw new KirokuError('Internal', 'The database refused it.');
      await audit.record(commands);
    };
    let lost = 0;
    await using buffer = new AuditBuffer({ audit: { record }, flushMs: 1, onLost: (count) => (lost += count) });
    add(buffer, 'a', 'poison', 'b');
    await expect.poll(() => usersIn(audit)).toEqual(['a', 'b', 'lost 1']);
    add(buffer, 'c');
    await expect.poll(() => usersIn(audit)).toEqual(['a', 'b', 'lost 1', 'c']);
    expect(lost).toBe(1);
  });

  test('wait on if the database goes away while they are written one by one', async () => {
    const audit = new InMemoryCommandAudit();
    let away = true;
    let alone = 0;
    const record = async (commands: readonly UnrecordedCommand[]) => {
      if (commands.length > 1) throw new KirokuError('Internal', 'The database refused it.');
      alone++;
      if (away) throw new KirokuError('DatabaseUnavailable', 'It is away.');
      await audit.record(commands);
    };
    let lost = 0;
    await using buffer = new AuditBuffer({ audit: { record }, flushMs: 1, onLost: (count) => (lost += count) });
    add(buffer, 'a', 'b');
    await expect.poll(() => alone).toBeGreaterThan(0);
    away = false;
    await expect.poll(() => usersIn(audit)).toEqual(['a', 'b']);
    expect(lost).toBe(0);
  });

  test('that cannot be written when it stops are counted, and hold up nothing', async () => {
    let lost = 0;
    const audit = withFaults(new InMemoryCommandAudit(), ['record'], () => true);
    const buffer = new AuditBuffer({ audit, onLost: (count) => (lost += count) });
    add(buffer, 'a', 'b');
    await buffer.stop();
    expect(lost).toBe(2);
  });

  test('of a flood cost whoever adds them nothing but a place in memory', async () => {
    const audit = new InMemoryCommandAudit();
    const never = { record: () => new Promise<void>(() => undefined) };
    let lost = 0;
    const buffer = new AuditBuffer({ audit: never, flushMs: 1, onLost: (count) => (lost += count) });
    for (let n = 0; n < 100_000; n++) buffer.add(sampleCommand());
    expect(buffer.waiting).toBe(10_000);
    expect(lost).toBe(90_000);
    expect(await usersIn(audit)).toEqual([]);
  });
});
