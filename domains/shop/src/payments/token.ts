import * as z from 'zod';

/**
 * Stands for the means of payment that the customer chose; the payment service knows what it is. It begins with a letter and has no long run of
 * digits, so that no card number passes.
 */
export const paymentToken = z
  .string()
  .regex(/^(?!.*\d{12})[A-Za-z][\w-]{2,63}$/, 'must be a token of the payment service, not a card number');
