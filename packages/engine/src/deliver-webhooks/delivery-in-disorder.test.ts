import type { StreamName } from '@kiroku/core';
import { withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeliveryWorld } from './delivery.test-service.ts';
import type { Answer } from './receiver.test-service.ts';

const answers: readonly Answer[] = [204, 204, 204, 500, 503, 'close', 204, 404];
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      stream: fc.integer({ min: 0, max: 3 }),
      events: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'kill' as const, 'take over' as const) }) },
);

test('whatever fails and whoever is killed, nothing is lost, and no event comes before its predecessor was accepted', async () => {
  const scenario = fc.record({
    acts: fc.array(act, { minLength: 5, maxLength: 14 }),
    luck: fc.array(fc.nat({ max: answers.length - 1 }), { minLength: 1, maxLength: 40 }),
    faults: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ acts, luck, faults }) => {
      await using world = await DeliveryWorld.open();
      await world.addConsumer('crm', { terms: { maxAttempts: 1_000_000, concurrency: 3 } });
      let [asked, called, calm] = [0, 0, false];
      world.receiver.answer = () => (calm ? 204 : (answers[luck[asked++ % luck.length] ?? 0] ?? 204));
      let process = begin();
      for (const step of acts) {
        if (step.do === 'append') await world.append(`order-${step.stream}` as StreamName, step.events);
        else {
          if (step.do === 'kill') process.killed = true;
          const before = process.delivery;
          if (step.do === 'take over') process = begin();
          await before.stop();
          if (step.do !== 'take over') process = begin();
        }
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      calm = true;
      const { position } = await world.log.head();
      await expect.poll(() => new Set(world.receiver.accepted()).size, { interval: 5, timeout: 15_000 }).toBe(position);
      await expect.poll(() => world.consumer(), { interval: 5, timeout: 15_000 }).toMatchObject({ position, waiting: 0, dead: 0 });
      await everyPredecessorCameBefore(world);

      /** A process that delivers, over a store that fails now and then; killed, it can write nothing any more. */
      function begin() {
        const begun = { killed: false };
        const fails = (): boolean => begun.killed || (!calm && faults[called++ % faults.length] === 0);
        const store = withFaults(world.store, ['advance', 'settle', 'due', 'resume', 'hurry', 'countBlocked', 'leave'], fails);
        return Object.assign(begun, { delivery: world.deliver({ store, leaseMs: 60 }) });
      }
    }),
    { numRuns: 12 },
  );
});

async function everyPredecessorCameBefore(world: DeliveryWorld): Promise<void> {
  const { events } = await world.log.readLog({ pageSize: 10_000 });
  for (const stream of new Set(events.map((event) => event.stream))) {
    const expected = events.filter((event) => event.stream === stream).map(({ position }) => position);
    const firsts = [...new Set(world.receiver.accepted(stream))];
    expect(firsts).toEqual(expected);
  }
}
