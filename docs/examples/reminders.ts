import {
  type Command,
  command,
  defineAggregate,
  defineEvents,
  defineProcessManager,
  KirokuError,
  readAggregate,
  reject,
  type StateDefinition,
} from '@kiroku/core';
import type { OutsideCalls } from '@kiroku/engine';
import { z } from 'zod';
import { memberState } from './members.ts';

const checkout = z.strictObject({ checkoutId: z.uuid(), memberId: z.uuid(), title: z.string().min(1), dueAt: z.iso.datetime() });
const ofCheckout = z.strictObject({ checkoutId: z.uuid() });
const reminder = z.strictObject({ checkoutId: z.uuid(), memberId: z.uuid() });
const target = ({ checkoutId }: { readonly checkoutId: string }) => checkoutId;

export const checkoutEvents = defineEvents({
  BookCheckedOut: { schema: checkout },
  BookBroughtBack: { schema: ofCheckout },
  ReminderAsked: { schema: reminder },
  ReminderSent: { schema: reminder },
});
const checkoutCommands = {
  CheckOutBook: command({
    schema: checkout,
    target,
    reads: ({ memberId }) => ({ member: readAggregate(memberState, memberId) }),
  }),
  BringBookBack: command({ schema: ofCheckout, target }),
  RemindMember: command({ schema: reminder, target }),
  RecordReminder: command({ schema: reminder, target }),
};

type CheckoutState = 'none' | 'out' | 'back';
const checkoutState: StateDefinition<CheckoutState, typeof checkoutEvents> = {
  name: 'checkout',
  events: checkoutEvents,
  initialState: 'none',
  evolve: {
    BookCheckedOut: () => 'out',
    BookBroughtBack: () => 'back',
    ReminderAsked: (state) => state,
    ReminderSent: (state) => state,
  },
};
export const checkouts = defineAggregate({
  ...checkoutState,
  commands: checkoutCommands,
  decide: {
    CheckOutBook: (state, { data, at }, { member }) => {
      if (state !== 'none') return [];
      if (member !== 'member') return reject('NoSuchMember', 'Nobody has this card.');
      return data.dueAt > at ? [{ type: 'BookCheckedOut', data }] : reject('DueBefore', 'It would be due before it is lent.');
    },
    BringBookBack: (state, { data }) => (state === 'out' ? [{ type: 'BookBroughtBack', data }] : []),
    RemindMember: (state, { data }) => (state === 'out' ? [{ type: 'ReminderAsked', data }] : []), // back in time: no event, no call
    RecordReminder: (_, { data }) => [{ type: 'ReminderSent', data }],
  },
});

const week = 7 * 24 * 60 * 60_000;

/** Reminds a member once a week of a book that is due, until it is back. */
export const reminders = defineProcessManager({
  name: 'reminders',
  events: checkoutEvents,
  commands: checkoutCommands,
  initialState: { checkoutId: '', memberId: '' },
  on: {
    BookCheckedOut: {
      correlate: ({ data }) => data.checkoutId,
      starts: true,
      react: (_, { data: { checkoutId, memberId, dueAt } }) => ({ state: { checkoutId, memberId }, timers: [{ name: 'due', dueAt }] }),
    },
    BookBroughtBack: {
      correlate: ({ data }) => data.checkoutId,
      react: (state) => ({ state, done: true }), // its timer is cancelled
    },
  },
  onTimer: (state) => ({
    state,
    commands: [{ type: 'RemindMember', data: state }],
    timers: [{ name: 'due', dueInMs: week }],
  }),
});

/** Whoever writes to members. Throws if there is no answer. */
export interface Mail {
  /** Does nothing a second time for one key. */
  remind(memberId: string, key: string): Promise<void>;
}

/** Here each week's reminder is one of its own, so the key is that of the command. */
export function reminderCalls(mail: Mail): OutsideCalls {
  return {
    RemindMember: async ({ data }: Pick<Command, 'data'>, { key }) => {
      const asked = data as z.infer<typeof reminder>; // it has passed the command's schema
      await mail.remind(asked.memberId, key).catch((cause: unknown) => {
        throw new KirokuError('ServiceUnavailable', 'The mail has not answered.', { cause });
      });
      return { type: 'RecordReminder', data: asked };
    },
  };
}
