import { check, upcast } from '@kiroku/core';
import { nothing, on, processScenario, projectionScenario, rejected, scenario, timer, World } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { desk } from './desk.ts';
import { library } from './library.ts';
import { member, memberEvents } from './members.ts';
import { checkouts, reminderCalls, reminders } from './reminders.ts';

const memberId = '0193a1b2-0000-7000-8000-000000000001';
const checkoutId = '0193a1b2-0000-7000-8000-0000000000c1';
const hanako = { memberId, name: 'Hanako', email: 'hanako@example.org', card: 'adult' } as const;
const emma = { checkoutId, memberId, title: 'Emma', dueAt: '2026-02-01T00:00:00Z' };
const joined = on(member, memberId, { type: 'MemberJoined', data: hanako });
const left = on(member, memberId, { type: 'MemberLeft', data: { memberId } });
const out = on(checkouts, checkoutId, { type: 'BookCheckedOut', data: emma });
const back = on(checkouts, checkoutId, { type: 'BookBroughtBack', data: { checkoutId } });
const reminded = on(checkouts, checkoutId, { type: 'ReminderSent', data: { checkoutId, memberId } });
const remind = { type: 'RemindMember', data: { checkoutId, memberId } } as const;

describe('a book', () => {
  const { given } = scenario(checkouts);
  const checkOut = { type: 'CheckOutBook', data: emma } as const;

  test('is lent to members, and to nobody else', () => {
    given(joined).when(checkOut).then({ type: 'BookCheckedOut', data: emma });
    given().when(checkOut).then(rejected('NoSuchMember'));
    given(joined, left).when(checkOut).then(rejected('NoSuchMember'));
  });

  test('is due after it was lent', () => {
    given(joined).when(checkOut, { at: '2026-02-01T00:00:01Z' }).then(rejected('DueBefore'));
  });

  test('that is back asks for no reminder', () => {
    given(joined, out, back).when(remind).then(nothing);
  });
});

describe('reminders', () => {
  const { given } = processScenario(reminders);

  test('wait until the book is due', () => {
    given()
      .when(out)
      .then({ timers: [{ name: 'due', dueAt: emma.dueAt }] });
  });

  test('are sent then, and a week later', () => {
    given(out)
      .when(timer('due'))
      .then({ commands: [remind], timers: [{ name: 'due', dueInMs: 7 * 24 * 60 * 60_000 }] });
  });

  test('end when it is back', () => {
    given(out).when(back).then({ done: true });
  });

  test('ask the mail, and are on record', () => {
    const calls = { RemindMember: () => ({ type: 'RecordReminder', data: remind.data }) };
    const world = new World({ aggregates: library.aggregates, processManagers: [reminders], calls });
    world.handle({ type: 'JoinLibrary', data: hanako });
    world.handle({ type: 'CheckOutBook', data: emma });
    for (let taken = 0; taken < 10; taken += 1) world.steps()[0]?.(); // not `settle`: there is always a next week
    expect(world.log.map(({ type }) => type)).toContain('ReminderSent');
  });

  test('that the mail does not answer are asked for again', async () => {
    const calls = reminderCalls({ remind: () => Promise.reject(new Error('away')) });
    const command = { ...remind, id: memberId, at: emma.dueAt, metadata: {} };
    await expect(calls.RemindMember?.(command, { key: command.id, repeated: false })).rejects.toMatchObject({ retryable: true });
  });
});

test('the desk shows members and what they have', () => {
  projectionScenario(desk)
    .given(joined, out, reminded)
    .thenRows('member', [{ member_id: memberId, name: 'Hanako', card: 'adult' }])
    .thenRows('checkout', [{ checkout_id: checkoutId, member_id: memberId, title: 'Emma', due_at: emma.dueAt, reminders: 1 }]);
  projectionScenario(desk).given(joined, out, back, left).thenRows('member', []).thenRows('checkout', []);
});

test('a MemberJoined of version 1 is read as one of today', () => {
  const { card, ...data } = hanako;
  const stored = { type: 'MemberJoined', schemaVersion: 1, data } as const;
  const recorded = {
    position: 1,
    stream: `member-${memberId}`,
    version: 1,
    id: 'e-1',
    metadata: {},
    tags: [],
    recordedAt: emma.dueAt,
  } as const;
  const read = upcast(memberEvents, { ...recorded, ...stored });
  expect(check(memberEvents.MemberJoined.schema, read.data)).toEqual({ value: { ...data, card } });
});
