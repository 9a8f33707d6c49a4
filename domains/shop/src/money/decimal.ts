import { isCurrency, minorDigits } from './currency.ts';
import type { Money, MoneyProblem } from './money.ts';

const decimal = /^(-?)(\d{1,16})(?:\.(\d{1,16}))?$/;

/** Reads `"12.50"` exactly. A decimal more than the currency has, even a zero, is a problem, never a rounding. */
export function parseMoney(text: string, currency: string): Money | MoneyProblem {
  if (!isCurrency(currency)) return 'UnknownCurrency';
  const [, sign, whole, fraction = ''] = decimal.exec(text) ?? [];
  if (whole === undefined) return 'NotAnAmount';
  const digits = minorDigits(currency);
  if (fraction.length > digits) return 'TooManyDecimals';
  const size = BigInt(whole + fraction.padEnd(digits, '0'));
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) return 'AmountTooLarge';
  const amount = Number(size);
  return { amount: sign === '-' && amount !== 0 ? -amount : amount, currency };
}

/** Money, or a sum that may be larger than a number holds. */
interface Amount {
  readonly amount: number | bigint;
  readonly currency: string;
}

/** Writes the amount as a decimal with all of its currency's decimals: `"12.50"`, `"1200"`. */
export function toDecimal({ amount, currency }: Amount): string {
  const digits = minorDigits(currency);
  const all = String(amount)
    .replace('-', '')
    .padStart(digits + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return digits === 0 ? `${sign}${all}` : `${sign}${all.slice(0, -digits)}.${all.slice(-digits)}`;
}

/** Writes it for people: `"€12.50"`. Exact, as the decimal goes in as text. */
export function formatMoney(money: Amount, locale = 'en'): string {
  const text = toDecimal(money) as Intl.StringNumericLiteral; // digits, perhaps a sign and a point
  return formatOf(locale, money.currency).format(text);
}

const formats = new Map<string, Intl.NumberFormat>();

/** Kept: making one takes twenty times as long as using it. There are as many as currencies, in the few languages of a program. */
function formatOf(locale: string, currency: string): Intl.NumberFormat {
  const name = `${locale} ${currency}`;
  const known = formats.get(name);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  formats.set(name, format);
  return format;
}
