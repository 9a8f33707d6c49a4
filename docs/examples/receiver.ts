import { Webhook } from 'standardwebhooks';

/** The event of a message. Throws if it was not signed with the secret, or more than five minutes ago. */
export function eventOf(body: string, headers: { readonly [name: string]: string }, secret: string): unknown {
  return new Webhook(secret).verify(body, { ...headers });
}
