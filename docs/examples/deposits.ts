import { command, type Decide, defineAggregate, defineEvents, KirokuError, reject, type StateDefinition } from '@kiroku/core';
import type { OutsideCalls } from '@kiroku/engine';
import { z } from 'zod';

const ofLoan = z.strictObject({ loanId: z.uuid() });
const asked = z.strictObject({ loanId: z.uuid(), cents: z.int().positive() });
const answered = z.strictObject({ loanId: z.uuid(), outcome: z.enum(['paid', 'declined', 'voided']) });
const target = ({ loanId }: { readonly loanId: string }) => loanId;

export const depositEvents = defineEvents({
  DepositAsked: { schema: asked },
  DepositPaid: { schema: ofLoan },
  DepositDeclined: { schema: ofLoan },
  VoidAsked: { schema: ofLoan },
  DepositVoided: { schema: ofLoan },
});
export const depositCommands = {
  AskDeposit: command({ schema: asked, target }),
  RecordDeposit: command({ schema: answered, target }),
  VoidDeposit: command({ schema: ofLoan, target }),
  RecordVoid: command({ schema: ofLoan, target }),
};

type DepositState = 'none' | 'asked' | 'paid' | 'declined' | 'voiding' | 'voided';
const depositState: StateDefinition<DepositState, typeof depositEvents> = {
  name: 'deposit',
  events: depositEvents,
  initialState: 'none',
  evolve: {
    DepositAsked: () => 'asked',
    DepositPaid: () => 'paid',
    DepositDeclined: () => 'declined',
    VoidAsked: () => 'voiding',
    DepositVoided: () => 'voided',
  },
};
const decide: Decide<DepositState, typeof depositCommands, typeof depositEvents> = {
  // asked again while it is under way, it is called again: a command without an event asks for no call
  AskDeposit: (state, { data }) => {
    if (state === 'paid') return [];
    return state === 'none' || state === 'asked' ? [{ type: 'DepositAsked', data }] : reject('DepositIsOver', `It is ${state}.`);
  },
  RecordDeposit: (state, { data: { loanId, outcome } }) =>
    state === 'asked' ? [{ type: outcome === 'paid' ? 'DepositPaid' : 'DepositDeclined', data: { loanId } }] : [], // else it was given up
  // also of what was never asked for: a command that comes late finds that it is over
  VoidDeposit: (state, { data }) => (state === 'declined' || state === 'voided' ? [] : [{ type: 'VoidAsked', data }]),
  RecordVoid: (state, { data }) => (state === 'voiding' ? [{ type: 'DepositVoided', data }] : []),
};
export const deposit = defineAggregate({ ...depositState, commands: depositCommands, decide });

/** The bank. Its methods throw if there is no answer. */
export interface Bank {
  /** Does nothing a second time for one key, and declines a key that was voided before it came. */
  pay(cents: number, key: string): Promise<'paid' | 'declined'>;
  /** What became of a call; `undefined`: none with this key has arrived. */
  find(key: string): Promise<'paid' | 'declined' | 'voided' | undefined>;
  /** Gives back what was paid by this key, or is paid by it later. */
  void(key: string): Promise<void>;
}

// one effect, one key, whichever command asks for it: the saga's second try is another command
const keyOf = (loanId: string) => `deposit-${loanId}`;

/** What the delivery calls after these commands, and which command records the answer. */
export function depositCalls(bank: Bank): OutsideCalls {
  return {
    AskDeposit: async ({ data }, { repeated }) => {
      const { loanId, cents } = data as z.infer<typeof asked>; // it has passed the command's schema
      const before = repeated ? await answerOf(bank.find(keyOf(loanId))) : undefined;
      const outcome = before ?? (await answerOf(bank.pay(cents, keyOf(loanId))));
      return { type: 'RecordDeposit', data: { loanId, outcome } };
    },
    VoidDeposit: async ({ data }) => {
      const { loanId } = data as z.infer<typeof ofLoan>; // likewise
      await answerOf(bank.void(keyOf(loanId)));
      return { type: 'RecordVoid', data: { loanId } };
    },
  };
}

/** No answer is a fault that may pass: the command is delivered again, for as long as it takes. */
function answerOf<T>(call: Promise<T>): Promise<T> {
  return call.catch((cause: unknown) => {
    throw new KirokuError('ServiceUnavailable', 'The bank has not answered.', { cause });
  });
}
