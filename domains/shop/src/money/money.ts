import * as z from 'zod';
import { currency } from './currency.ts';

/** An amount in the currency's minor units: { amount: 1250, currency: 'EUR' } is 12.50 euro. */
export const money = z.strictObject({ amount: z.int(), currency });
export type Money = z.output<typeof money>;

/** A sum of any number of amounts, in minor units as text: it may be larger than a number holds. */
export const moneySum = z.strictObject({ amount: z.string().regex(/^-?\d+$/, 'must be a whole number as text'), currency });

/** What a thing costs: money that is not negative. */
export const price = z.strictObject({ amount: z.int().min(0, 'must not be negative'), currency });

/** Why a calculation or a text gives no money. */
export type MoneyProblem = 'AmountTooLarge' | 'CurrencyMismatch' | 'NotAnAmount' | 'TooManyDecimals' | 'UnknownCurrency';

export function isProblem(result: Money | MoneyProblem): result is MoneyProblem {
  return typeof result === 'string';
}

export function sameMoney(a: Money, b: Money): boolean {
  return a.amount === b.amount && a.currency === b.currency;
}

export function addMoney(a: Money, b: Money): Money | 'AmountTooLarge' | 'CurrencyMismatch' {
  if (a.currency !== b.currency) return 'CurrencyMismatch';
  return safe(a.amount + b.amount, a.currency);
}

/** The price of `times` pieces; `times` is a whole number. */
export function multiplyMoney(piece: Money, times: number): Money | 'AmountTooLarge' {
  return safe(piece.amount * times, piece.currency);
}

// A sum or product of safe integers that leaves the safe range is rounded to something that is not safe either.
function safe(amount: number, code: string): Money | 'AmountTooLarge' {
  return Number.isSafeInteger(amount) ? { amount: amount + 0, currency: code } : 'AmountTooLarge'; // + 0 makes -0 plain
}
