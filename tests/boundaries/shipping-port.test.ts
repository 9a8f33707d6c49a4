import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HttpShipping } from '../../apps/command-service/src/boundaries/http-shipping.ts';
import { RunningSimulator } from './running-simulator.ts';

let simulator: RunningSimulator;
let shipping: HttpShipping;
beforeAll(async () => {
  simulator = await RunningSimulator.start();
});
afterAll(() => simulator[Symbol.asyncDispose]());
beforeEach(() => {
  shipping = new HttpShipping({ url: simulator.url, firstWaitMs: 5 });
});
afterEach(async () => {
  await simulator.behave();
  await shipping.stop();
});

const parcel = () => ({ orderId: randomUUID(), recipient: randomUUID(), pieces: 3 });
const withKey = (idempotencyKey: string = randomUUID()) => ({ idempotencyKey });

describe('the shipping port over HTTP', () => {
  test('arranges once per key, and cancels by that key', async () => {
    const [request, call] = [parcel(), withKey()];
    const arranged = await shipping.arrange(request, call);
    expect(arranged).toMatchObject({ outcome: 'arranged', trackingCode: expect.stringMatching(/^KR[0-9A-F]{12}$/) });
    expect(await shipping.arrange(request, call)).toEqual(arranged);
    expect(await shipping.cancel({ arrangementKey: call.idempotencyKey }, withKey())).toMatchObject({ outcome: 'cancelled' });
    expect(await simulator.entriesOf(call.idempotencyKey)).toHaveLength(1);
  });

  test('returns a decline with its code', async () => {
    await simulator.behave({ operations: { arrange: { declineShare: 1, declineCode: 'RestrictedArea' } } });
    expect(await shipping.arrange(parcel(), withKey())).toEqual({ outcome: 'declined', code: 'RestrictedArea' });
  });

  test('learns by its key what was done although the answer was lost', async () => {
    const call = withKey();
    await simulator.behave({ operations: { arrange: { lostShare: 1 }, cancel: { lostShare: 1 } } });
    expect(await shipping.arrange(parcel(), call)).toMatchObject({ outcome: 'arranged' });
    expect(await shipping.cancel({ arrangementKey: call.idempotencyKey }, withKey())).toMatchObject({ outcome: 'cancelled' });
    expect(await simulator.entriesOf(call.idempotencyKey)).toHaveLength(1);
  });

  test('declines an arrangement that arrives after it was given up', async () => {
    const call = withKey();
    expect(await shipping.cancel({ arrangementKey: call.idempotencyKey }, withKey())).toEqual({ outcome: 'cancelled' });
    expect(await shipping.arrange(parcel(), call)).toEqual({ outcome: 'declined', code: 'Cancelled' });
  });

  test('knows nothing of payments', async () => {
    const key = randomUUID();
    expect(await shipping.find(key)).toEqual({ outcome: 'none' });
  });

  test('throws ServiceUnavailable when the service is away', async () => {
    await simulator.kill();
    await expect(shipping.find(randomUUID())).rejects.toMatchObject({ code: 'ServiceUnavailable' });
    await simulator.startAgain();
  });
});
