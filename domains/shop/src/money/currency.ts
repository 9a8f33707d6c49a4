import * as z from 'zod';

const accepted: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const digits = new Map<string, number>(); // a cache: the answer for a currency never changes

/** Is it an ISO 4217 code in use, in capitals? */
export function isCurrency(code: string): boolean {
  return accepted.has(code);
}

/** How many decimals the currency's amounts have: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  const known = digits.get(currency);
  if (known !== undefined) return known;
  const found = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  digits.set(currency, found);
  return found;
}

/** An ISO 4217 currency code. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'must be an ISO 4217 code in capitals, such as EUR', abort: true })
  .refine(isCurrency, 'must be a currency in use, such as EUR');
