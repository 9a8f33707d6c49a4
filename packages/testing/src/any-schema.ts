import type { Schema } from '@kiroku/core';

/** A schema for tests whose subject is not validation: takes what it gets, or only what `accepts` says. */
export function anySchema<T>(accepts: (value: unknown) => boolean = () => true): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'kiroku-testing',
      validate: (value) => (accepts(value) ? { value: value as T } : { issues: [{ message: 'is not accepted' }] }), // the test says what it is
    },
  };
}
