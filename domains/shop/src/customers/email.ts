import { createHash } from 'node:crypto';
import * as z from 'zod';

/** An e-mail address: trimmed, in lower case, so that one address never registers twice. */
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, { error: 'must be at most 254 characters long', abort: true })
  .check(z.email('must be an e-mail address'));

/** Found on everything that takes or frees an address. A digest, as tags are stored in the clear and the address is personal. */
export function emailTag(address: string): string {
  return `customer-email:${createHash('sha256').update(address).digest('hex')}`;
}

/** Read in place of an address that was forgotten; nobody can have it (RFC 2606). */
export const forgottenEmail = 'forgotten@customer.invalid';
