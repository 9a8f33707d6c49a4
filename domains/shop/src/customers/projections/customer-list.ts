import { defineProjection } from '@kiroku/core';
import { customerEvents } from '../events.ts';

/** The customers with how to reach them. */
export const customerList = defineProjection({
  name: 'customer-list',
  version: 1,
  events: customerEvents,
  tables: {
    customer: {
      columns: { id: 'text key', name: 'text', email: 'text', registered_at: 'timestamp' },
      indexes: [['name', 'id'], ['email']],
      on: {
        CustomerRegistered: {
          keys: ({ data }) => ({ id: data.customerId }),
          fold: (_, { data, recordedAt }) => ({ id: data.customerId, name: data.name, email: data.email, registered_at: recordedAt }),
        },
        CustomerDetailsChanged: {
          keys: ({ data }) => ({ id: data.customerId }),
          fold: (row, { data }) => row && { ...row, name: data.name, email: data.email },
        },
      },
    },
  },
});
