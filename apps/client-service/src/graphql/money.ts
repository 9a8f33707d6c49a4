import { formatMoney, toDecimal } from '@kiroku/shop';

interface Money {
  /** In the currency's smallest unit. */
  readonly amount: number | bigint;
  readonly currency: string;
}

/** Resolvers of an amount of money: written in the ways that are asked for. */
export const money = {
  Money: {
    amount: (given: Money) => toDecimal(given),
    minorUnits: ({ amount }: Money) => String(amount),
    formatted: (given: Money) => formatMoney(given),
  },
};
