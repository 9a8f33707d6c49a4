import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCurrency, minorDigits } from './currency.ts';
import { formatMoney, parseMoney, toDecimal } from './decimal.ts';
import { addMoney, isProblem, multiplyMoney } from './money.ts';

const currencies = fc.constantFrom(...Intl.supportedValuesOf('currency'));
const amounts = fc.maxSafeInteger();
const moneys = fc.record({ amount: amounts, currency: currencies });

describe('decimals', () => {
  test.each([
    ['12.50', 'EUR', 1250],
    ['12.5', 'EUR', 1250],
    ['12', 'EUR', 1200],
    ['0.01', 'EUR', 1],
    ['-0.01', 'EUR', -1],
    ['1200', 'JPY', 1200],
    ['1.234', 'KWD', 1234],
    ['90071992547409.91', 'EUR', Number.MAX_SAFE_INTEGER],
  ])('%s %s is %d minor units', (text, currency, amount) => {
    expect(parseMoney(text, currency)).toEqual({ amount, currency });
  });

  test.each([
    ['12.505', 'EUR', 'TooManyDecimals'],
    ['12.500', 'EUR', 'TooManyDecimals'],
    ['1.0', 'JPY', 'TooManyDecimals'],
    ['', 'EUR', 'NotAnAmount'],
    ['12,50', 'EUR', 'NotAnAmount'],
    ['1,200', 'EUR', 'NotAnAmount'],
    ['.5', 'EUR', 'NotAnAmount'],
    ['5.', 'EUR', 'NotAnAmount'],
    ['1e3', 'EUR', 'NotAnAmount'],
    ['+1', 'EUR', 'NotAnAmount'],
    [' 1', 'EUR', 'NotAnAmount'],
    ['١', 'EUR', 'NotAnAmount'],
    ['12.50', 'EUX', 'UnknownCurrency'],
    ['12.50', 'eur', 'UnknownCurrency'],
    ['90071992547409.92', 'EUR', 'AmountTooLarge'],
    ['9999999999999999', 'EUR', 'AmountTooLarge'],
  ])('"%s" %s is %s', (text, currency, problem) => {
    expect(parseMoney(text, currency)).toBe(problem);
  });

  test('what is written reads back as the same money, in every currency', () => {
    fc.assert(
      fc.property(moneys, (money) => {
        expect(parseMoney(toDecimal(money), money.currency)).toEqual({ ...money, amount: money.amount + 0 });
      }),
    );
  });

  test('a decimal has exactly the decimals of its currency', () => {
    fc.assert(fc.property(moneys, (money) => (toDecimal(money).split('.')[1] ?? '').length === minorDigits(money.currency)));
  });

  test('a sum larger than a number holds is written exactly', () => {
    expect(toDecimal({ amount: -27021597764222973n, currency: 'EUR' })).toBe('-270215977642229.73');
    expect(formatMoney({ amount: 27021597764222973n, currency: 'EUR' })).toBe('€270,215,977,642,229.73');
  });

  test('minus zero is zero', () => {
    expect(Object.is((parseMoney('-0.00', 'EUR') as { amount: number }).amount, 0)).toBe(true); // it is no problem
  });

  test('for people it has the sign of the currency, exact to the last digit', () => {
    expect(formatMoney({ amount: 1250, currency: 'EUR' })).toBe('€12.50');
    expect(formatMoney({ amount: 1200, currency: 'JPY' })).toBe('¥1,200');
    expect(formatMoney({ amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' })).toBe('€90,071,992,547,409.91');
  });
});

describe('calculating', () => {
  test('adds in minor units', () => {
    expect(addMoney({ amount: 10, currency: 'EUR' }, { amount: 20, currency: 'EUR' })).toEqual({ amount: 30, currency: 'EUR' });
  });

  test('does not add two currencies', () => {
    expect(addMoney({ amount: 10, currency: 'EUR' }, { amount: 20, currency: 'USD' })).toBe('CurrencyMismatch');
  });

  test('a sum is exact or too large', () => {
    fc.assert(fc.property(amounts, amounts, (a, b) => exactOrTooLarge(addMoney(eur(a), eur(b)), BigInt(a) + BigInt(b))));
  });

  test('a product is exact or too large', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 999 }), (a, n) => exactOrTooLarge(multiplyMoney(eur(a), n), BigInt(a) * BigInt(n))),
    );
  });
});

test('only codes in use are currencies', () => {
  expect(['EUR', 'JPY', 'KWD'].every(isCurrency)).toBe(true);
  expect(['EUX', 'eur', ''].some(isCurrency)).toBe(false);
});

function eur(amount: number) {
  return { amount, currency: 'EUR' };
}

function exactOrTooLarge(result: ReturnType<typeof addMoney>, exact: bigint): void {
  const fits = exact >= BigInt(Number.MIN_SAFE_INTEGER) && exact <= BigInt(Number.MAX_SAFE_INTEGER);
  if (fits) expect(isProblem(result) ? result : BigInt(result.amount)).toBe(exact);
  else expect(result).toBe('AmountTooLarge');
}
