import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { line } from '../text.ts';
import { email, emailTag } from './email.ts';

// Personal fields are listed in personal.ts.
export const customerEvents = defineEvents({
  CustomerRegistered: {
    schema: z.strictObject({ customerId: id, name: line(120), email }),
    tags: (data) => [emailTag(data.email)],
  },
  CustomerDetailsChanged: {
    schema: z.strictObject({ customerId: id, name: line(120), email, previousEmail: email }),
    tags: (data) => [...new Set([emailTag(data.email), emailTag(data.previousEmail)])],
  },
});
