import { defineApplication } from '@kiroku/core';
import { migrate } from '@kiroku/postgres';
import { booking, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { openSagaStores } from '../config/saga-stores.ts';
import { listSagas } from './list-sagas.ts';

test('a process manager that is not there is told, with those that are; one without sagas has none', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const application = defineApplication({ name: 'trips', aggregates: [], processManagers: [booking] });
  await using stores = openSagaStores({ command_db: database.serviceUrl }, { application, applicationName: 'kiroku-tests' });
  expect(await listSagas(stores, { processManager: 'booking', limit: 5 })).toEqual([]);
  const told = { code: 'NotFound', message: expect.stringContaining('There are: booking') };
  await expect(listSagas(stores, { processManager: 'bookings', limit: 5 })).rejects.toMatchObject(told);
});
