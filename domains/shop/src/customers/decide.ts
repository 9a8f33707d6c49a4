import { type Decide, defineAggregate } from '@kiroku/core';
import { refuse } from '../rejections.ts';
import { customerCommands } from './commands.ts';
import type { customerEvents } from './events.ts';
import { type CustomerState, customerState } from './evolve.ts';

const decide: Decide<CustomerState, typeof customerCommands, typeof customerEvents> = {
  RegisterCustomer: (state, { data }, { emailOwner }) => {
    const { customerId } = data;
    if (state.status !== 'none') return refuse('CustomerExists', `The customer id ${customerId} is taken.`, { customerId });
    return emailOwner === undefined ? [{ type: 'CustomerRegistered', data }] : emailTaken();
  },

  ChangeCustomerDetails: (state, { data }, { emailOwner }) => {
    const { customerId, name, email } = data;
    if (state.status === 'none') return refuse('CustomerNotFound', `There is no customer ${customerId}.`, { customerId });
    if (emailOwner !== undefined && emailOwner !== customerId) return emailTaken();
    if (state.name === name && state.email === email) return [];
    return [{ type: 'CustomerDetailsChanged', data: { ...data, previousEmail: state.email } }];
  },
};

// Says neither the address nor whose it is: both are personal.
function emailTaken() {
  return refuse('EmailTaken', 'Another customer is registered with this e-mail address.');
}

export const customer = defineAggregate({ ...customerState, commands: customerCommands, decide });
