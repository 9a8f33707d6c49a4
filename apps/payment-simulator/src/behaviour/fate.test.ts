import { describe, expect, test } from 'vitest';
import { faultsSchema } from './behaviour.ts';
import { drawFate, wishedFate } from './fate.ts';
import { Misbehaviour } from './misbehaviour.ts';
import { seededRandom } from './random.ts';

const draws = (given: object, count = 2_000) => {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => drawFate(faultsSchema.parse(given), random));
};

describe('a fate', () => {
  test('is a good one unless faults are asked for', () => {
    expect(new Set(draws({}).map((fate) => JSON.stringify(fate)))).toEqual(new Set(['{"delayMs":0}']));
  });

  test('is as bad as often as was asked for', () => {
    const fates = draws({ hangShare: 0.1, errorShare: 0.2, lostShare: 0.3, declineShare: 0.5 });
    const share = (kind: string) => fates.filter(({ fault }) => fault?.kind === kind).length / fates.length;
    expect(share('hang')).toBeCloseTo(0.1, 1);
    expect(share('error')).toBeCloseTo(0.2, 1);
    expect(share('lost')).toBeCloseTo(0.3, 1);
    expect(fates.filter(({ declineCode }) => declineCode !== undefined).length / fates.length).toBeCloseTo(0.5, 1);
  });

  test('is delayed within its bounds', () => {
    const delays = draws({ delayMs: 10, delaySpreadMs: 20 }).map(({ delayMs }) => delayMs);
    expect([Math.min(...delays), Math.max(...delays)]).toEqual([10, 30]);
  });

  test('may not be bad in more than all cases', () => {
    expect(faultsSchema.safeParse({ hangShare: 0.6, lostShare: 0.6 }).success).toBe(false);
  });

  test('can be wished for by a request', () => {
    expect(wishedFate('delay=200, decline=FraudDetected, lost')).toEqual({
      delayMs: 200,
      declineCode: 'FraudDetected',
      fault: { kind: 'lost' },
    });
    expect(wishedFate('error=503')).toEqual({ delayMs: 0, fault: { kind: 'error', status: 503 } });
    expect(wishedFate('explode')).toBeUndefined();
  });
});

describe('misbehaviour', () => {
  test('is the same for the same seed', () => {
    const fates = () => {
      const misbehaviour = new Misbehaviour();
      misbehaviour.behaviour = { seed: 3, faults: faultsSchema.parse({ hangShare: 0.5 }), operations: {} };
      return Array.from({ length: 50 }, () => misbehaviour.fateOf('capture'));
    };
    expect(fates()).toEqual(fates());
  });

  test('declines what may be declined, unless it is asked for by name', () => {
    const misbehaviour = new Misbehaviour();
    const faults = faultsSchema.parse({ declineShare: 1 });
    misbehaviour.behaviour = { seed: 1, faults, operations: { refund: faults } };
    const declines = (['authorise', 'capture', 'void', 'refund', 'arrange', 'cancel'] as const).filter(
      (call) => misbehaviour.fateOf(call).declineCode !== undefined,
    );
    expect(declines).toEqual(['authorise', 'refund', 'arrange']);
  });
});
