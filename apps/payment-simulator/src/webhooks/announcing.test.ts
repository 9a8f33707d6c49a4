import { expect, test } from 'vitest';
import { announcing } from './announcing.ts';

const configured = { url: 'http://a/payments', shipmentsUrl: 'http://a/shipments', secret: 'whsec_a' };
const once = { duplicateShare: 0, spreadMs: 0 };

test('outcomes are announced as configured, once each, unless the behaviour says otherwise', () => {
  expect(announcing(undefined, configured)).toEqual({ ...configured, ...once });
  expect(announcing({ duplicateShare: 1, spreadMs: 200 }, configured)).toEqual({ ...configured, duplicateShare: 1, spreadMs: 200 });
  const elsewhere = { url: 'http://b', secret: 'whsec_b' };
  expect(announcing(elsewhere, configured)).toEqual({ ...elsewhere, shipmentsUrl: 'http://b', ...once });
  expect(announcing({ ...elsewhere, shipmentsUrl: 'http://c' })).toEqual({ ...elsewhere, shipmentsUrl: 'http://c', ...once });
});

test('without an address or a secret they are not announced', () => {
  expect(announcing()).toBeUndefined();
  expect(announcing({ url: 'http://b' })).toBeUndefined();
});
