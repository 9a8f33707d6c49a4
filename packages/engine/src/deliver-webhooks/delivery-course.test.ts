import { expect, test } from 'vitest';
import { DeliveryCourse } from './delivery-course.ts';

test('the first fault is why a delivery has ended', () => {
  const course = new DeliveryCourse({ pollMs: 1, onFault: () => undefined });
  course.fail(new Error('first'));
  course.fail(new Error('second'));
  expect(course.signal.aborted).toBe(true);
  expect(() => course.requireSound()).toThrow('first');
});
