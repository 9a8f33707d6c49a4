import { expect, test } from 'vitest';
import { z } from 'zod';
import { setting } from '../config/setting.ts';
import { secretValues } from './secret-values.ts';

test('of settings that are declared secret the values are, and of URLs the passwords, as they stand there and decoded', () => {
  const secret = () => setting(z.string(), { description: '', allowed: '', secret: true });
  const settings = z.object({ DATABASE_URL: secret(), KEY: secret(), SHORT: secret(), PLAIN: z.string() });
  const config = { DATABASE_URL: 'postgres://a:p%40ssw0rd@h/x', KEY: 'of-the-keys', SHORT: 'abc', PLAIN: 'nothing-secret' };
  expect(secretValues(settings, config)).toEqual(['p%40ssw0rd', 'p@ssw0rd', 'of-the-keys']);
});
