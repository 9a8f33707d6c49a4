import type { Declined, Found, KeyedCall, Unknown } from '../outside/keyed-call.ts';

/** A carrier will bring it. */
export interface Arranged {
  readonly outcome: 'arranged';
  readonly shipmentId: string;
  readonly trackingCode: string;
}
/** Nobody will bring it. */
export interface ShipmentCancelled {
  readonly outcome: 'cancelled';
  /** Absent if the arrangement had not arrived: it will be declined if it does. */
  readonly shipmentId?: string;
}
export type ShippingOutcome = Arranged | ShipmentCancelled;

/** Shipping, done by somebody else. Outcomes are data; faults as of the payment port. */
export interface ShippingPort {
  /** Arranges the transport of an order. `recipient` is the customer's id: where that is, the carrier knows and events do not. */
  arrange(
    request: { readonly orderId: string; readonly recipient: string; readonly pieces: number },
    call: KeyedCall,
  ): Promise<Arranged | Declined | Unknown>;
  /** Gives up an arrangement, named by the key it was made with. One that arrives later is declined; cancelled already is cancelled. */
  cancel(request: { readonly arrangementKey: string }, call: KeyedCall): Promise<ShipmentCancelled | Declined | Unknown>;
  /** What became of the call with this key. Throws `ServiceUnavailable` if that cannot be learnt now. */
  find(idempotencyKey: string, call?: Omit<KeyedCall, 'idempotencyKey' | 'repeated'>): Promise<Found<ShippingOutcome>>;
}
