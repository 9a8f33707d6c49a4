import type { StateDefinition } from '@kiroku/core';
import { customerEvents } from './events.ts';

export type CustomerState = { readonly status: 'none' } | { readonly status: 'registered'; readonly name: string; readonly email: string };

/** A customer's state, also for the commands of others. */
export const customerState: StateDefinition<CustomerState, typeof customerEvents> = {
  name: 'customer',
  events: customerEvents,
  initialState: { status: 'none' },
  evolve: {
    CustomerRegistered: (_, { data: { name, email } }) => ({ status: 'registered', name, email }),
    CustomerDetailsChanged: (_, { data: { name, email } }) => ({ status: 'registered', name, email }),
  },
};
