import type { Bank } from './deposits.ts';

/** In place of a client for a bank: everybody can pay, and nothing outlives the process. */
export function pretendBank(): Bank {
  const outcomes = new Map<string, 'paid' | 'voided'>();
  return {
    pay: async (_cents, key) => {
      if (outcomes.get(key) === 'voided') return 'declined';
      outcomes.set(key, 'paid');
      return 'paid';
    },
    find: async (key) => outcomes.get(key),
    void: async (key) => {
      outcomes.set(key, 'voided');
    },
  };
}
