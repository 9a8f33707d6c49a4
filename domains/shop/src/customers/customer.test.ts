import { invalid, nothing, on, recordPast, rejected, scenario } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { aCustomer, ada, bob } from '../shop.examples.ts';
import { shopEvents } from '../shop.ts';
import { customer } from './decide.ts';
import { customerEvents } from './events.ts';
import { readEmailOwner } from './reads.ts';

const { given } = scenario(customer);

describe('registering a customer', () => {
  const register = (customerId: string, name: string, email: string) =>
    ({ type: 'RegisterCustomer', data: { customerId, name, email } }) as const;

  test('keeps the address in small letters', () => {
    given()
      .when(register(ada, 'Ada', ' Ada@Example.ORG '))
      .then({ type: 'CustomerRegistered', data: { customerId: ada, name: 'Ada', email: 'ada@example.org' } });
  });

  test('is refused for an id that is in use', () => {
    given(aCustomer(ada, 'Ada', 'ada@example.org'))
      .when(register(ada, 'Ada', 'other@example.org'))
      .then(rejected('CustomerExists'));
  });

  test('is refused with the address of another, in any capitals', () => {
    given(aCustomer(ada, 'Ada', 'ada@example.org'))
      .when(register(bob, 'Bob', 'ADA@example.org'))
      .then(rejected('EmailTaken'));
  });

  test('may take an address that another has given up', () => {
    given(aCustomer(ada, 'Ada', 'ada@example.org'), changed('Ada', 'ada@example.net'))
      .when(register(bob, 'Bob', 'ada@example.org'))
      .then({ type: 'CustomerRegistered', data: { customerId: bob, name: 'Bob', email: 'ada@example.org' } });
  });

  test('may take the address of one who was forgotten', () => {
    const [registered] = recordPast([aCustomer(ada, 'Ada', 'ada@example.org')]).map((event) => ({
      ...event,
      data: { ...event.data, ...customerEvents.CustomerRegistered.personal?.forgotten },
    }));
    expect(registered && readEmailOwner('ada@example.org').fold(undefined, registered)).toBeUndefined();
  });

  test.each(['', 'ada', 'ada@', '@example.org', 'a b@example.org', `${'x'.repeat(250)}@example.org`])(
    'is invalid with the address "%s"',
    (email) => {
      given()
        .when(register(ada, 'Ada', email))
        .then(invalid('email'));
    },
  );
});

describe('changing a customer', () => {
  const change = (name: string, email: string) => ({ type: 'ChangeCustomerDetails', data: { customerId: ada, name, email } }) as const;
  const registered = aCustomer(ada, 'Ada', 'ada@example.org');

  test('replaces name and address', () => {
    given(registered)
      .when(change('Ada L.', 'ada@example.net'))
      .then(...changed('Ada L.', 'ada@example.net').events);
  });

  test('may keep the address', () => {
    given(registered)
      .when(change('Ada L.', 'ada@example.org'))
      .then(...changed('Ada L.', 'ada@example.org').events);
  });

  test('to what it is already does nothing', () => {
    given(registered).when(change('Ada', 'ada@example.org')).then(nothing);
  });

  test('is refused with the address of another', () => {
    given(registered, aCustomer(bob, 'Bob', 'bob@example.org'))
      .when(change('Ada', 'bob@example.org'))
      .then(rejected('EmailTaken'));
  });

  test('is refused for a customer who is not there', () => {
    given().when(change('Ada', 'ada@example.org')).then(rejected('CustomerNotFound'));
  });
});

describe('what is personal', () => {
  test('is declared by every event that has a name or an address', () => {
    for (const { schema, personal } of Object.values(customerEvents)) {
      const fields = Object.keys(schema.shape).filter((field) => /name|email/i.test(field));
      expect(personal?.fields).toEqual(fields);
    }
  });

  test('still fits its schema when it is forgotten', () => {
    const data = { customerId: ada, name: 'Ada', email: 'ada@example.org', previousEmail: 'ada@example.net' };
    for (const { schema, personal } of [customerEvents.CustomerRegistered, customerEvents.CustomerDetailsChanged]) {
      const placeholders = Object.fromEntries(
        (personal?.fields ?? []).map((field) => [field, personal?.forgotten?.[field] ?? '(forgotten)']),
      );
      const present = Object.fromEntries(Object.keys(schema.shape).map((field) => [field, { ...data, ...placeholders }[field]]));
      expect(schema.safeParse(present).success).toBe(true);
    }
  });

  test('stands in no other event of the shop', () => {
    const others = Object.entries(shopEvents).filter(([, { personal }]) => personal === undefined);
    expect(others.flatMap(([, { schema }]) => Object.keys(schema.shape)).filter((field) => /email|address|phone/i.test(field))).toEqual([]);
  });

  test('does not stand in tags', () => {
    const tags = customerEvents.CustomerRegistered.tags?.({ customerId: ada, name: 'Ada', email: 'ada@example.org' });
    expect(tags?.join()).not.toMatch(/ada/i);
  });
});

function changed(name: string, email: string) {
  const events = [{ type: 'CustomerDetailsChanged', data: { customerId: ada, name, email, previousEmail: 'ada@example.org' } }] as const;
  return { ...on(customer, ada, ...events), events };
}
