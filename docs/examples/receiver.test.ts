import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { eventOf } from './receiver.ts';

const secret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
const body = JSON.stringify({ type: 'BookLent' });

function headersAt(at: Date) {
  return {
    'webhook-id': 'm-1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('m-1', at, body),
  };
}

test('a message is taken in if it was signed with the secret, a short while ago', () => {
  const headers = headersAt(new Date());
  expect(eventOf(body, headers, secret)).toEqual({ type: 'BookLent' });
  expect(() => eventOf(`${body} `, headers, secret)).toThrow();
  expect(() => eventOf(body, headersAt(new Date(Date.now() - 6 * 60_000)), secret)).toThrow();
});
