import { KirokuError, type RecordedAction } from '@kiroku/core';
import { InMemoryOperatorAudit } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { recordedRun } from './audited-run.ts';

const ada = { name: 'ada@build-1', reason: 'release 2', source: 'command line' };
const lastOf = async (audit: InMemoryOperatorAudit): Promise<RecordedAction | undefined> => (await audit.actions({ limit: 1 }))[0];

describe('a change by an operator', () => {
  test('is recorded with who, from where, why, what, and how it was before and after', async () => {
    const audit = new InMemoryOperatorAudit();
    let level = 1;
    const raise = async ({ correlationId }: { correlationId: string }) => {
      level += 1;
      return correlationId;
    };
    const correlationId = await recordedRun(audit, ada, {
      verb: 'raise',
      arguments: { by: 1, apiKey: 'k' },
      before: async () => ({ level }),
      run: raise,
      after: () => ({ level }),
    });
    expect(await lastOf(audit)).toMatchObject({
      operator: 'ada@build-1',
      source: 'command line',
      reason: 'release 2',
      verb: 'raise',
      arguments: { by: 1, apiKey: '***' },
      before: { level: 1 },
      outcome: { succeeded: true, after: { level: 2 } },
      correlationId,
    });
  });

  test('has its entry before it is made, so that one that was killed has left its trace', async () => {
    const audit = new InMemoryOperatorAudit();
    const run = vi.fn(async () => lastOf(audit));
    expect((await recordedRun(audit, ada, { verb: 'raise', run }))?.outcome).toBeUndefined();
  });

  test('that fails is recorded as failed, without passwords, and rethrown', async () => {
    const audit = new InMemoryOperatorAudit();
    const run = () => Promise.reject(new KirokuError('DatabaseUnavailable', 'postgres://a:secret@db is away'));
    await expect(recordedRun(audit, ada, { verb: 'raise', run })).rejects.toMatchObject({ code: 'DatabaseUnavailable' });
    expect((await lastOf(audit))?.outcome).toMatchObject({ succeeded: false, error: 'DatabaseUnavailable: postgres://a:***@db is away' });
  });

  test('that ends without a fault and has failed all the same is recorded as failed, and gives its result', async () => {
    const audit = new InMemoryOperatorAudit();
    const run = async () => ({ wrong: 2 });
    expect(await recordedRun(audit, ada, { verb: 'try', run, failure: ({ wrong }) => `${wrong} are wrong` })).toEqual({ wrong: 2 });
    expect((await lastOf(audit))?.outcome).toMatchObject({ succeeded: false, error: '2 are wrong' });
  });

  test('is not made when it cannot be recorded', async () => {
    const audit = new InMemoryOperatorAudit();
    vi.spyOn(audit, 'begin').mockRejectedValue(new KirokuError('DatabaseUnavailable', 'It is away.'));
    const run = vi.fn();
    await expect(recordedRun(audit, ada, { verb: 'raise', run })).rejects.toMatchObject({
      code: 'DatabaseUnavailable',
      message: expect.stringContaining('was not run'),
    });
    expect(run).not.toHaveBeenCalled();
  });

  test('that creates the audit log is recorded after it', async () => {
    const audit = new InMemoryOperatorAudit();
    vi.spyOn(audit, 'begin').mockRejectedValueOnce(new KirokuError('SchemaTooOld', 'There is no such table.'));
    await recordedRun(audit, ada, { verb: 'migrate', run: async () => 3, createsAuditLog: true });
    expect(await lastOf(audit)).toMatchObject({ verb: 'migrate', outcome: { succeeded: true } });
  });

  test('that is made but whose end cannot be recorded says so', async () => {
    const audit = new InMemoryOperatorAudit();
    vi.spyOn(audit, 'end').mockRejectedValue(new KirokuError('DatabaseUnavailable', 'It is away.'));
    await expect(recordedRun(audit, ada, { verb: 'raise', run: async () => 1 })).rejects.toThrow('`raise` was done');
  });
});
