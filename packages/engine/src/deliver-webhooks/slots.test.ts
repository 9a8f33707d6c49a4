import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const soon = () => new Promise((resolve) => setTimeout(resolve, 30));

test('nothing is begun for the longest of the times that were asked for', async () => {
  const slots = new Slots(1);
  slots.hold(60_000);
  slots.hold(1);
  let begun = false;
  const used = slots.use(async () => {
    begun = true;
  });
  await soon();
  expect(begun).toBe(false);
  slots.close();
  expect(await used).toBeUndefined();
});

test('nothing is begun once they are closed', async () => {
  const slots = new Slots(1);
  slots.close();
  expect(await slots.use(async () => 'begun')).toBeUndefined();
});
