import { type Money, type MoneyProblem, parseMoney } from '@kiroku/shop';
import { invalid } from './gateway-error.ts';

export interface MoneyInput {
  readonly amount: string;
  readonly currency: string;
}

const problems: { readonly [P in MoneyProblem]: string } = {
  AmountTooLarge: 'is more than can be counted exactly',
  CurrencyMismatch: 'is in another currency',
  NotAnAmount: 'is not an amount',
  TooManyDecimals: 'has more decimals than the currency',
  UnknownCurrency: 'is in a currency that is not in use',
};

/** Reads money that a client states. Throws what is wrong with it, at `path`. */
export function fromMoneyInput({ amount, currency }: MoneyInput, path: string): Money {
  const money = parseMoney(amount, currency);
  if (typeof money === 'string') throw invalid(path, problems[money]);
  return money;
}
