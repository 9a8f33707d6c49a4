import { command } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { line } from '../text.ts';
import { email } from './email.ts';
import { readEmailOwner } from './reads.ts';

const details = { customerId: id, name: line(120), email };
const personal = ['name', 'email'] as const;

export const customerCommands = {
  RegisterCustomer: command({
    description: 'Registers a customer. No two customers have the same e-mail address.',
    schema: z.strictObject(details),
    personal,
    target: (data) => data.customerId,
    creates: true,
    reads: (data) => ({ emailOwner: readEmailOwner(data.email) }),
  }),
  ChangeCustomerDetails: command({
    description: 'Replaces the name and e-mail address of a customer.',
    schema: z.strictObject(details),
    personal,
    target: (data) => data.customerId,
    reads: (data) => ({ emailOwner: readEmailOwner(data.email) }),
  }),
};
