import { randomUUID } from 'node:crypto';
import type { OperatorAction, OperatorAudit } from '@kiroku/core';
import { describe, expect, test } from 'vitest';

/** Registers the tests of what the port promises. */
export function operatorAuditContract(name: string, make: () => Promise<AsyncDisposable & { readonly audit: OperatorAudit }>): void {
  describe(`${name} as an operator audit log`, () => {
    test('tells of an action from its beginning on, and how it ended', async () => {
      await using subject = await make();
      const begun = action({
        reason: 'release 2',
        source: 'command line',
        before: { migrations: [1, 2] },
        arguments: { text: 'a\u0000b', list: [null] },
      });
      await subject.audit.begin(begun);
      expect(await subject.audit.actions({ limit: 10 })).toEqual([{ ...begun, at: expect.stringMatching(/^\d{4}-.*Z$/) }]);
      await subject.audit.end(begun.id, { succeeded: true, after: { migrations: [1, 2, 3] } });
      const [ended] = await subject.audit.actions({ limit: 10 });
      expect(ended).toMatchObject({ ...begun, outcome: { succeeded: true, after: { migrations: [1, 2, 3] } } });
    });

    test('tells why an action failed', async () => {
      await using subject = await make();
      const begun = action();
      await subject.audit.begin(begun);
      await subject.audit.end(begun.id, { succeeded: false, error: 'DatabaseUnavailable: it was not there' });
      const [failed] = await subject.audit.actions({ limit: 10 });
      expect(failed?.outcome).toMatchObject({ succeeded: false, error: 'DatabaseUnavailable: it was not there' });
    });

    test('records an end once, and only of what began', async () => {
      await using subject = await make();
      const begun = action();
      await subject.audit.begin(begun);
      await subject.audit.end(begun.id, { succeeded: true });
      await expect(subject.audit.end(begun.id, { succeeded: false, error: 'no' })).rejects.toMatchObject({ code: 'NotFound' });
      await expect(subject.audit.end(randomUUID(), { succeeded: true })).rejects.toMatchObject({ code: 'NotFound' });
      expect((await subject.audit.actions({ limit: 1 }))[0]?.outcome).toMatchObject({ succeeded: true });
    });

    test('finds actions by who, what and when, latest first', async () => {
      await using subject = await make();
      const actions = [
        action({ operator: 'ada@a', verb: 'migrate' }),
        action({ operator: 'bob@b', verb: 'migrate' }),
        action({ operator: 'ada@a', verb: 'job cancel' }),
      ];
      for (const each of actions) await subject.audit.begin(each);
      const verbsOf = async (filter: Partial<Parameters<OperatorAudit['actions']>[0]>) =>
        (await subject.audit.actions({ limit: 10, ...filter })).map(({ operator, verb }) => `${operator} ${verb}`);
      expect(await verbsOf({})).toEqual(['ada@a job cancel', 'bob@b migrate', 'ada@a migrate']);
      expect(await verbsOf({ operator: 'ada@a' })).toEqual(['ada@a job cancel', 'ada@a migrate']);
      expect(await verbsOf({ verb: 'migrate', limit: 1 })).toEqual(['bob@b migrate']);
      const [first] = await subject.audit.actions({ limit: 1 });
      if (first === undefined) throw new Error('There are three.');
      expect(await verbsOf({ before: first })).toEqual(['bob@b migrate', 'ada@a migrate']);
      expect(await verbsOf({ before: first, operator: 'ada@a' })).toEqual(['ada@a migrate']);
      expect(await verbsOf({ since: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
      expect(await verbsOf({ since: new Date(Date.now() - 60_000).toISOString() })).toHaveLength(3);
    });
  });
}

function action(more: Partial<OperatorAction> = {}): OperatorAction {
  return { id: randomUUID(), operator: 'ada@a', verb: 'migrate', arguments: {}, correlationId: randomUUID(), ...more };
}
