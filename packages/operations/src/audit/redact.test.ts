import { expect, test } from 'vitest';
import { withoutSecrets } from './redact.ts';

test('what is named like a secret is not written down, wherever it stands', () => {
  expect(
    withoutSecrets({
      apiKey: 'k',
      dbPassword: 1,
      nested: [{ access_token: ['t'], name: 'ada' }],
      passenger: 'bob',
      key: 'p-1',
      none: undefined,
    }),
  ).toEqual({
    apiKey: '***',
    dbPassword: '***',
    nested: [{ access_token: '***', name: 'ada' }],
    passenger: 'bob',
    key: 'p-1',
    none: undefined,
  });
});

test('passwords in URLs are not written down', () => {
  expect(withoutSecrets({ from: 'copied postgres://ada:p@ss@db/x?sslpassword=y&a=1', list: ['redis://:s@h'] })).toEqual({
    from: 'copied postgres://ada:***@db/x?sslpassword=***&a=1',
    list: ['redis://:***@h'],
  });
});
