import { on, projectionScenario, scenarioTime } from '@kiroku/testing';
import { test } from 'vitest';
import { aCustomer, ada } from '../../shop.examples.ts';
import { customer } from '../decide.ts';
import { customerList } from './customer-list.ts';

const { given } = projectionScenario(customerList);

test('the customer list follows the name and address of each customer', () => {
  const changed = { customerId: ada, name: 'Ada L.', email: 'ada@example.net', previousEmail: 'ada@example.org' };
  given(aCustomer(ada, 'Ada', 'ada@example.org'), on(customer, ada, { type: 'CustomerDetailsChanged', data: changed })).thenRows(
    'customer',
    [{ id: ada, name: 'Ada L.', email: 'ada@example.net', registered_at: scenarioTime }],
  );
});
