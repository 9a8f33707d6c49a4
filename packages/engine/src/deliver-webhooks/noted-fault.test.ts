import { type ConsumerLease, KirokuError } from '@kiroku/core';
import { expect, test, vi } from 'vitest';
import { NotedFault } from './noted-fault.ts';

const lease = { name: 'crm' } as ConsumerLease; // of which nothing is looked at
const away = new KirokuError('DatabaseUnavailable', 'It is away.');
const told = { code: 'DatabaseUnavailable', error: 'It is away.' };
const codes = (noteFault: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }) =>
  noteFault.mock.calls.map(([, fault]) => fault);

test('a fault is noted once, and again if that failed', async () => {
  const noteFault = vi.fn(async () => undefined).mockRejectedValueOnce(away);
  const fault = new NotedFault({ store: { noteFault }, lease, quietMs: 60_000 });
  fault.note(away);
  await fault.stop();
  fault.note(away);
  await fault.stop();
  fault.note(away);
  await fault.stop();
  expect(codes(noteFault)).toEqual([told, told]);
});

test('a fault that is over is forgotten, also if that fails at first', async () => {
  const noteFault = vi.fn(async () => undefined);
  const fault = new NotedFault({ store: { noteFault }, lease, quietMs: 5 });
  fault.note(away);
  await vi.waitFor(() => expect(noteFault).toHaveBeenCalledOnce());
  noteFault.mockRejectedValueOnce(away);
  fault.goesOn();
  await vi.waitFor(() => expect(codes(noteFault)).toEqual([told, undefined, undefined]));
  await fault.stop();
});
