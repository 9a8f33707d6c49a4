import { randomUUID } from 'node:crypto';
import type { AuditedCommand, AuditFilter, CommandAudit, UnrecordedCommand } from '@kiroku/core';
import { describe, expect, test } from 'vitest';

/** Registers the tests of what the port promises. */
export function commandAuditContract(name: string, make: () => Promise<AsyncDisposable & { readonly audit: CommandAudit }>): void {
  describe(`${name} as an audit of commands`, () => {
    test('tells of a command what it was told, and when', async () => {
      await using subject = await make();
      const { id: _, ...told } = sampleCommand({ code: 'InsufficientStock', role: 'staff', sourceAddress: '2001:db8::1', instance: 'a:1' });
      await subject.audit.record([{ id: randomUUID(), ...told }]);
      const time = expect.stringMatching(/^\d{4}-.*Z$/);
      expect(await entries(subject.audit)).toEqual([{ ...told, receivedAt: time, at: time, sequence: 1 }]);
    });

    test('keeps them in the order they came in, latest first', async () => {
      await using subject = await make();
      await subject.audit.record(['a', 'b'].map((user) => sampleCommand({ user })));
      await subject.audit.record([sampleCommand({ user: 'c', receivedAt: '2020-01-01T00:00:00.000Z' })]); // a clock that went back
      expect((await entries(subject.audit)).map(({ user, sequence }) => `${sequence} ${user}`)).toEqual(['3 c', '2 b', '1 a']);
    });

    test('adds nothing for what is told twice', async () => {
      await using subject = await make();
      const [first, second] = [sampleCommand(), sampleCommand()];
      await subject.audit.record([first]);
      await subject.audit.record([first, second]);
      expect(await entries(subject.audit)).toHaveLength(2);
    });

    test('finds commands by who, what, how and when', async () => {
      await using subject = await make();
      await subject.audit.record([
        sampleCommand({ user: 'ada', type: 'PlaceOrder', stream: 'order-1', correlationId: 'c1', outcome: 'rejected' }),
        sampleCommand({ user: 'bob', type: 'CancelOrder', stream: 'order-2', correlationId: 'c2', outcome: 'fault' }),
      ]);
      const usersOf = async (filter: AuditFilter) => (await entries(subject.audit, filter)).map(({ user }) => user);
      const [soon, before] = [60_000, -60_000].map((ms) => new Date(Date.now() + ms).toISOString()) as [string, string];
      expect(await usersOf({ user: 'ada' })).toEqual(['ada']);
      expect(await usersOf({ type: 'CancelOrder' })).toEqual(['bob']);
      expect(await usersOf({ stream: 'order-1' })).toEqual(['ada']);
      expect(await usersOf({ correlationId: 'c2', outcome: 'fault' })).toEqual(['bob']);
      expect(await usersOf({ user: 'ada', outcome: 'fault' })).toEqual([]);
      expect(await usersOf({ since: before, until: soon })).toEqual(['bob', 'ada']);
      expect(await usersOf({ since: soon })).toEqual([]);
      expect(await usersOf({ until: before })).toEqual([]);
    });

    test('goes on before a place', async () => {
      await using subject = await make();
      await subject.audit.record(['a', 'b', 'c'].map((user) => sampleCommand({ user })));
      const page = await subject.audit.page({}, 3);
      expect(page.entries.map(({ place, entry }) => [place, entry.user])).toEqual([
        [2, 'b'],
        [1, 'a'],
      ]);
      expect((await subject.audit.page({}, 1)).entries).toEqual([]);
    });
  });
}

/** A command that left no event. */
export function sampleCommand(more: Partial<UnrecordedCommand> = {}): UnrecordedCommand {
  return {
    id: randomUUID(),
    receivedAt: new Date().toISOString(),
    durationMs: 1.5,
    outcome: 'rejected',
    commandId: randomUUID(),
    type: 'PlaceOrder',
    stream: 'order-1',
    user: 'ada',
    correlationId: 'c1',
    ...more,
  };
}

async function entries(audit: CommandAudit, filter: AuditFilter = {}): Promise<readonly AuditedCommand[]> {
  return (await audit.page(filter)).entries.map(({ entry }) => entry);
}
