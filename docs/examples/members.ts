import { command, defineAggregate, defineEvents, reject, type StateDefinition } from '@kiroku/core';
import { z } from 'zod';

const ofMember = z.strictObject({ memberId: z.uuid() });
const joined = z.strictObject({ memberId: z.uuid(), name: z.string().min(1), email: z.email(), card: z.enum(['adult', 'child']) });
const target = ({ memberId }: { readonly memberId: string }) => memberId;

export const memberEvents = defineEvents({
  MemberJoined: {
    version: 2,
    schema: joined,
    upcasters: { 1: (data) => ({ ...data, card: 'adult' }) }, // children have cards since version 2
    personal: {
      subject: ({ memberId }) => memberId,
      fields: ['name', 'email'],
      forgotten: { email: 'forgotten@member.invalid' },
    },
  },
  MemberLeft: { schema: ofMember },
});
const memberCommands = {
  JoinLibrary: command({ schema: joined, target, creates: true }),
  LeaveLibrary: command({ schema: ofMember, target }),
};

type MemberState = 'unknown' | 'member' | 'gone';
export const memberState: StateDefinition<MemberState, typeof memberEvents> = {
  name: 'member',
  events: memberEvents,
  initialState: 'unknown',
  evolve: { MemberJoined: () => 'member', MemberLeft: () => 'gone' },
};
export const member = defineAggregate({
  ...memberState,
  commands: memberCommands,
  decide: {
    JoinLibrary: (state, { data }) => (state === 'unknown' ? [{ type: 'MemberJoined', data }] : reject('IdIsTaken', `It is ${state}.`)),
    LeaveLibrary: (state, { data }) => (state === 'member' ? [{ type: 'MemberLeft', data }] : []),
  },
});
