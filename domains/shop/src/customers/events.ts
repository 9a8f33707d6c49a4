import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { line } from '../text.ts';
import { email, emailTag, forgottenEmail } from './email.ts';

// Whose the name and addresses are. Once they are forgotten, what is read in their place still fits the schemas, so the customer can be decided on.
const subject = (data: { readonly customerId: string }) => data.customerId;

export const customerEvents = defineEvents({
  CustomerRegistered: {
    schema: z.strictObject({ customerId: id, name: line(120), email }),
    tags: (data) => [emailTag(data.email)],
    personal: { subject, fields: ['name', 'email'], forgotten: { email: forgottenEmail } },
  },
  CustomerDetailsChanged: {
    schema: z.strictObject({ customerId: id, name: line(120), email, previousEmail: email }),
    tags: (data) => [...new Set([emailTag(data.email), emailTag(data.previousEmail)])],
    personal: {
      subject,
      fields: ['name', 'email', 'previousEmail'],
      forgotten: { email: forgottenEmail, previousEmail: forgottenEmail },
    },
  },
});
