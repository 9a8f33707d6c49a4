import { expect, test } from 'vitest';
import { command } from './command.ts';
import { defineEvents } from './event-definition.ts';
import { personalNames } from './personal-names.ts';
import type { Schema } from './schema.ts';

const anySchema = <T>(): Schema<T> => ({ '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as T }) } });

test('what events and commands declare personal is known by the last part of its path', () => {
  interface Moved {
    readonly id: string;
    readonly address: { readonly street: string };
  }
  const events = defineEvents({
    Moved: { schema: anySchema<Moved>(), personal: { subject: ({ id }) => id, fields: ['address.street'] } },
    Left: { schema: anySchema<{ readonly id: string }>() },
  });
  const commands = {
    Call: command({ schema: anySchema<{ readonly id: string; readonly phone: string }>(), target: ({ id }) => id, personal: ['phone'] }),
  };
  expect(personalNames([{ events, commands }])).toEqual(new Set(['street', 'phone']));
});
