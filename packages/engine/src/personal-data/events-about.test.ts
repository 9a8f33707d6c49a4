import { expect, test } from 'vitest';
import { eventsAbout } from './events-about.ts';

const sealed = (subject: string) => ({ $personal: 1, subject, key: '41806080', value: 'i1RGT4jD' });

test('events are about whom something in them is encrypted of, at whatever depth; who is only named in one is not meant', () => {
  const joined = { data: { id: 'ada', name: sealed('ada') } };
  const moved = { data: { address: { street: sealed('ada') }, by: 'bob' } };
  const others = [{ data: { id: 'ada' } }, { data: { name: sealed('bob'), friend: 'ada' } }];
  expect(eventsAbout('ada', [joined, ...others, moved])).toEqual([joined, moved]);
});
