import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HttpPayments } from '../../apps/command-service/src/boundaries/http-payments.ts';
import { RunningSimulator } from './running-simulator.ts';

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await RunningSimulator.start();
});
afterAll(() => simulator[Symbol.asyncDispose]());
afterEach(() => simulator.behave());

const opened: HttpPayments[] = [];
afterEach(async () => {
  for (const payments of opened.splice(0)) await payments.stop();
});
function connect(
  options: { readonly timeoutMs?: number; readonly attempts?: number; readonly breakAfter?: number; readonly restMs?: number } = {},
) {
  const payments = new HttpPayments({ url: simulator.url, firstWaitMs: 5, ...options });
  opened.push(payments);
  return payments;
}

const order = (token = 'visa-1') => ({ orderId: randomUUID(), token, amount: { amount: 4_990, currency: 'EUR' } });
const withKey = (idempotencyKey: string = randomUUID()) => ({ idempotencyKey });

async function authorised(payments: HttpPayments, call = withKey()): Promise<string> {
  const answer = await payments.authorise(order(), call);
  if (answer.outcome !== 'authorised') throw new Error(`It was ${answer.outcome}.`);
  return answer.paymentId;
}

describe('the payment port over HTTP', () => {
  test('authorises, captures and refunds', async () => {
    const payments = connect();
    const paymentId = await authorised(payments);
    expect(await payments.capture({ paymentId }, withKey())).toEqual({ outcome: 'captured', paymentId });
    expect(await payments.refund({ paymentId }, withKey())).toEqual({ outcome: 'refunded', paymentId });
  });

  test('voids by the key of the authorisation', async () => {
    const payments = connect();
    const call = withKey();
    const paymentId = await authorised(payments, call);
    expect(await payments.void({ authorisationKey: call.idempotencyKey }, withKey())).toEqual({ outcome: 'voided', paymentId });
  });

  test('answers a repeated call as the first time, and makes it once', async () => {
    const payments = connect();
    const [request, call] = [order(), withKey()];
    const first = await payments.authorise(request, call);
    expect(await payments.authorise(request, call)).toEqual(first);
    expect(await simulator.entriesOf(call.idempotencyKey)).toHaveLength(1);
  });

  test('throws IdReused for a key that another call had', async () => {
    const payments = connect();
    const call = withKey();
    await authorised(payments, call);
    await expect(payments.authorise(order(), call)).rejects.toMatchObject({ code: 'IdReused' });
  });

  test('throws BadRequest for what may not be sent, such as a card number', async () => {
    await expect(connect().authorise(order('4111111111111111'), withKey())).rejects.toMatchObject({ code: 'BadRequest' });
  });

  test('returns a decline with its code, and again for the same key', async () => {
    const payments = connect();
    const [request, call] = [order('decline-InsufficientFunds'), withKey()];
    expect(await payments.authorise(request, call)).toEqual({ outcome: 'declined', code: 'InsufficientFunds' });
    expect(await payments.authorise(request, call)).toEqual({ outcome: 'declined', code: 'InsufficientFunds' });
  });

  test('returns declines that the service hands out by share', async () => {
    await simulator.behave({ faults: { declineShare: 1, declineCode: 'FraudDetected' } });
    expect(await connect().authorise(order(), withKey())).toEqual({ outcome: 'declined', code: 'FraudDetected' });
  });

  test('waits for a late answer within its timeout', async () => {
    await simulator.behave({ faults: { delayMs: 150 } });
    expect(await connect({ attempts: 1 }).authorise(order(), withKey())).toMatchObject({ outcome: 'authorised' });
  });
});

describe('when a call is not answered, the payment port', () => {
  test('learns by its key what was done although the answer was lost, and does it once', async () => {
    const payments = connect();
    const call = withKey();
    await simulator.behave({ operations: { authorise: { lostShare: 1 } } });
    expect(await payments.authorise(order(), call)).toMatchObject({ outcome: 'authorised' });
    expect(await simulator.entriesOf(call.idempotencyKey)).toHaveLength(1);
  });

  test('learns it even if it asks once only', async () => {
    await simulator.behave({ operations: { authorise: { lostShare: 1 } } });
    expect(await connect({ attempts: 1 }).authorise(order(), withKey())).toMatchObject({ outcome: 'authorised' });
  });

  test('tries again after a fault of the service', async () => {
    await simulator.behave({ seed: 5, faults: { errorShare: 0.5, errorStatus: 503 } });
    const payments = connect({ attempts: 20, breakAfter: 50 });
    expect(await payments.authorise(order(), withKey())).toMatchObject({ outcome: 'authorised' });
  });

  test('says unknown when it only gets faults, and that nothing arrived when asked by key', async () => {
    const payments = connect();
    const call = withKey();
    await simulator.behave({ operations: { authorise: { errorShare: 1 } } });
    expect(await payments.authorise(order(), call)).toMatchObject({ outcome: 'unknown', reason: expect.stringContaining('500') });
    expect(await payments.find(call.idempotencyKey)).toEqual({ outcome: 'none' });
  });

  test('says unknown when it is never answered', async () => {
    await simulator.behave({ operations: { authorise: { hangShare: 1 } } });
    const answer = await connect({ timeoutMs: 60, attempts: 2 }).authorise(order(), withKey());
    expect(answer).toMatchObject({ outcome: 'unknown', reason: expect.stringContaining('in time') });
  });

  test('says unknown while the call is under way, finds it pending, and later its outcome', async () => {
    const [payments, patient] = [connect({ timeoutMs: 60, attempts: 2 }), connect()];
    const call = withKey();
    await simulator.behave({ operations: { authorise: { delayMs: 5_000 } } });
    expect(await payments.authorise(order(), call)).toMatchObject({ outcome: 'unknown' });
    expect(await patient.find(call.idempotencyKey)).toEqual({ outcome: 'pending' });
    await expect.poll(() => patient.find(call.idempotencyKey), { timeout: 30_000 }).toMatchObject({ outcome: 'authorised' });
    expect(await simulator.entriesOf(call.idempotencyKey)).toHaveLength(1);
  });

  test('keeps an authorisation that arrives after it was given up from holding anything', async () => {
    const [payments, patient] = [connect({ timeoutMs: 60, attempts: 1 }), connect()];
    const call = withKey();
    await simulator.behave({ operations: { authorise: { delayMs: 5_000 } } });
    expect(await payments.authorise(order(), call)).toMatchObject({ outcome: 'unknown' });
    expect(await patient.void({ authorisationKey: call.idempotencyKey }, withKey())).toEqual({ outcome: 'voided' });
    await expect.poll(() => patient.find(call.idempotencyKey), { timeout: 30_000 }).toEqual({ outcome: 'declined', code: 'Voided' });
  });

  test('says unknown when it cannot even ask', async () => {
    await simulator.behave({ faults: { errorShare: 1 } });
    const payments = connect();
    const call = withKey();
    expect(await payments.authorise(order(), call)).toMatchObject({ outcome: 'unknown' });
    await expect(payments.find(call.idempotencyKey)).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  });

  test('does not make a call that may have been made before until it has learnt what became of it', async () => {
    const [request, call] = [order(), { ...withKey(), repeated: true }];
    await simulator.behave({ operations: { find: { errorShare: 1 } } });
    expect(await connect().authorise(request, call)).toMatchObject({ outcome: 'unknown' });
    expect(await simulator.entriesOf(call.idempotencyKey)).toEqual([]);
    await simulator.behave();
    expect(await connect().authorise(request, call)).toMatchObject({ outcome: 'authorised' });
  });

  test('says unknown, not unavailable, if the call may have been made before and the service is away', async () => {
    await using away = new HttpPayments({ url: 'http://127.0.0.1:1', firstWaitMs: 5 });
    expect(await away.authorise(order(), { ...withKey(), repeated: true })).toMatchObject({ outcome: 'unknown' });
  });

  test('says unknown when its caller does not want to wait any longer', async () => {
    await simulator.behave({ operations: { authorise: { hangShare: 1 } } });
    const signal = AbortSignal.timeout(50);
    expect(await connect({ timeoutMs: 600_000 }).authorise(order(), { ...withKey(), signal })).toMatchObject({ outcome: 'unknown' });
  });
});

describe('when the service is away, the payment port', () => {
  test('throws ServiceUnavailable, as nothing can have happened', async () => {
    await simulator.kill();
    await expect(connect().authorise(order(), withKey())).rejects.toMatchObject({ code: 'ServiceUnavailable', retryable: true });
    await simulator.startAgain();
  });

  test('finds after a kill -9 what was answered before', async () => {
    const payments = connect();
    const call = withKey();
    const paymentId = await authorised(payments, call);
    await simulator.kill();
    await simulator.startAgain();
    expect(await payments.find(call.idempotencyKey)).toEqual({ outcome: 'authorised', paymentId });
  });

  test('leaves it alone after many failures, and asks again after a rest', async () => {
    const payments = connect({ attempts: 1, breakAfter: 3, restMs: 5_000 });
    await simulator.behave({ operations: { authorise: { errorShare: 1 } } });
    for (let failures = 0; failures < 3; failures += 1) await payments.authorise(order(), withKey());
    await simulator.behave();
    await expect(payments.authorise(order(), withKey())).rejects.toMatchObject({ message: expect.stringContaining('left alone') });
    await expect
      .poll(() => payments.authorise(order(), withKey()).catch(String), { timeout: 30_000 })
      .toMatchObject({ outcome: 'authorised' });
  });
});
