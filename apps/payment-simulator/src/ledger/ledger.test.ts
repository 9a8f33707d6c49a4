import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import type { Operation } from './operations.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-ledger-'));
  path = join(directory, 'deep', 'ledger.jsonl');
});
afterEach(() => rm(directory, { recursive: true }));

const orderId = '0193a5b0-7c1e-7000-8000-0000000000aa';
const operation = (amount = 1_250): Operation => ({
  name: 'authorise',
  request: { orderId, token: 'visa-1', amount: { amount, currency: 'EUR' } },
});

describe('the ledger', () => {
  test('knows after a restart what was settled before', async () => {
    const before = await Ledger.open(path);
    await before.settle('a', operation());
    const outcome = before.find('payments', 'a');
    await before.close();
    const after = await Ledger.open(path);
    expect(after.find('payments', 'a')).toEqual(outcome);
    await after.close();
  });

  test('settles a key once, however many calls come at the same time', async () => {
    const ledger = await Ledger.open(path);
    const all = await Promise.all(Array.from({ length: 20 }, () => ledger.settle('a', operation())));
    expect(all.filter((settled) => settled.outcome === 'settled' && settled.first)).toHaveLength(1);
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(1);
    await ledger.close();
  });

  test('refuses a key for another operation', async () => {
    const ledger = await Ledger.open(path);
    await ledger.settle('a', operation(1));
    expect(await ledger.settle('a', operation(2))).toEqual({ outcome: 'reused' });
    await ledger.close();
  });

  test('shows an entry only when it is durable', async () => {
    const ledger = await Ledger.open(path);
    const settling = ledger.settle('a', operation());
    expect([ledger.find('payments', 'a').outcome, ledger.entries(0, 10).length]).toEqual(['pending', 0]);
    await settling;
    expect([ledger.find('payments', 'a').outcome, ledger.entries(0, 10).length]).toEqual(['authorised', 1]);
    await ledger.close();
  });

  test('does not show the payments to the carrier', async () => {
    const ledger = await Ledger.open(path);
    await ledger.settle('a', operation());
    expect(ledger.find('shipments', 'a')).toEqual({ outcome: 'none' });
    await ledger.close();
  });

  test('forgets a line that a crash cut off, and goes on after the one before', async () => {
    const before = await Ledger.open(path);
    await before.settle('a', operation());
    await before.close();
    await appendFile(path, '{"sequence":2,"key":"b"');
    const after = await Ledger.open(path);
    await after.settle('b', operation());
    expect(after.entries(0, 10).map(({ sequence, key }) => [sequence, key])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    await after.close();
    expect((await Ledger.open(path).then((ledger) => ledger.close().then(() => ledger.entries(0, 10)))).length).toBe(2);
  });

  test('does not start from a line that was altered', async () => {
    const before = await Ledger.open(path);
    await before.close();
    await appendFile(path, 'nonsense\n');
    await expect(Ledger.open(path)).rejects.toThrow(/line 1/);
  });
});
