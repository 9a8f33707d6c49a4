import { type Read, readEvents } from '@kiroku/core';
import { emailTag } from './email.ts';
import { customerEvents } from './events.ts';

/** The customer who has this address now. One who was forgotten has none: the person may register again. */
export function readEmailOwner(email: string): Read<string | undefined> {
  return readEvents({
    events: customerEvents,
    query: [{ tags: [emailTag(email)] }],
    initial: undefined as string | undefined, // widens
    fold: {
      CustomerRegistered: (_, { data }) => (data.email === email ? data.customerId : undefined),
      CustomerDetailsChanged: (_, { data }) => (data.email === email ? data.customerId : undefined),
    },
  });
}
