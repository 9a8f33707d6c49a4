import type { Money } from '../money/money.ts';
import type { Declined, Found, KeyedCall, Unknown } from '../outside/keyed-call.ts';

/** The amount is held for us. */
export interface Authorised {
  readonly outcome: 'authorised';
  readonly paymentId: string;
}
/** The amount held is ours. */
export interface Captured {
  readonly outcome: 'captured';
  readonly paymentId: string;
}
/** Nothing is held any more. */
export interface Voided {
  readonly outcome: 'voided';
  /** Absent if the authorisation had not arrived: it will be declined if it does. */
  readonly paymentId?: string;
}
/** The amount captured was given back. */
export interface Refunded {
  readonly outcome: 'refunded';
  readonly paymentId: string;
}
export type PaymentOutcome = Authorised | Captured | Voided | Refunded;

/**
 * Payments, made somewhere else. Outcomes are data. Throws `ServiceUnavailable` when nothing was asked of the service, so that nothing can
 * have happened there, and `IdReused` for a key that was used for another call.
 */
export interface PaymentPort {
  /** Holds an amount on what the token stands for. No card data: only tokens get here. */
  authorise(
    request: { readonly orderId: string; readonly token: string; readonly amount: Money },
    call: KeyedCall,
  ): Promise<Authorised | Declined | Unknown>;
  /** Takes the whole amount held. */
  capture(request: { readonly paymentId: string }, call: KeyedCall): Promise<Captured | Declined | Unknown>;
  /**
   * Gives up an authorisation, named by the key it was made with, which is known even when its answer was lost. One that arrives later is
   * declined. Voided already is voided; captured is declined: refund it.
   */
  void(request: { readonly authorisationKey: string }, call: KeyedCall): Promise<Voided | Declined | Unknown>;
  /** Gives back the whole amount captured. */
  refund(request: { readonly paymentId: string }, call: KeyedCall): Promise<Refunded | Declined | Unknown>;
  /** What became of the call with this key. Throws `ServiceUnavailable` if that cannot be learnt now. */
  find(idempotencyKey: string, call?: Omit<KeyedCall, 'idempotencyKey' | 'repeated'>): Promise<Found<PaymentOutcome>>;
}
