import { KirokuError } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { DeliveryCourse } from './delivery-course.ts';

const away = new KirokuError('DatabaseUnavailable', 'It is away.');
const lost = new KirokuError('LeaseLost', 'Another process has it.');

function begun() {
  const told: unknown[] = [];
  return { told, course: new DeliveryCourse({ pollMs: 1, onFault: (error) => told.push(error) }) };
}

test('the first fault is why a delivery has ended', () => {
  const { course } = begun();
  course.fail(new Error('first'));
  course.fail(new Error('second'));
  expect(course.signal.aborted).toBe(true);
  expect(() => course.requireSound()).toThrow('first');
});

test('a delivery that is ended has not failed', () => {
  const { course } = begun();
  course.end();
  course.requireSound();
  expect([course.signal.aborted, course.hasFailed]).toEqual([true, false]);
});

describe('what goes on beside the rest', () => {
  test('waits out and tells a fault that passes', async () => {
    const { course, told } = begun();
    course.track(Promise.reject(away));
    await course.whenIdle();
    expect([told, course.hasFailed]).toEqual([[away], false]);
  });

  test.each([lost, new KirokuError('BadRequest', 'No.'), new TypeError('wrong')])(
    'ends the delivery with a fault that stays: %s',
    async (error) => {
      const { course, told } = begun();
      course.track(Promise.reject(error));
      await course.whenIdle();
      expect(told).toEqual([]);
      expect(() => course.requireSound()).toThrow(error.message);
    },
  );

  test('is waited for, with what it has begun itself', async () => {
    const { course } = begun();
    const ended: string[] = [];
    const takes = async (name: string, ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      ended.push(name);
    };
    course.track(takes('first', 5).then(() => course.track(takes('second', 5))));
    await course.whenIdle();
    expect(ended).toEqual(['first', 'second']);
  });
});

test('whoever waits for a change hears of it, and of the end, and does not wait after that', async () => {
  const { course } = begun();
  const changed = course.nextChange();
  course.changed();
  await changed;
  const ended = course.nextChange();
  course.end();
  await ended;
  await course.nextChange();
});
