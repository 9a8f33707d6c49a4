import { createHmac } from 'node:crypto';

/** The headers of a signed message, as https://www.standardwebhooks.com says. `at` is in seconds since 1970; the secret is `whsec_` and base64. */
export function signedHeaders(message: { readonly id: string; readonly at: number; readonly body: string }, secret: string) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${message.id}.${message.at}.${message.body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': String(message.at),
    'webhook-signature': `v1,${signature}`,
  };
}
