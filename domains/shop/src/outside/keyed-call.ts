/** What goes with a call to a service outside. */
export interface KeyedCall {
  /** The same key takes effect once, however often the call is made, and is answered the same. Another call needs another key. */
  readonly idempotencyKey: string;
  /** The call may have been made before: it is asked for by its key first. Default false. */
  readonly repeated?: boolean;
  readonly correlationId?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Ends the waiting, not the effect. */
  readonly signal?: AbortSignal;
}

/** The service outside said no, for good: the same key is refused again. */
export interface Declined {
  readonly outcome: 'declined';
  readonly code: string;
}

/** The call was made and no answer came, so it may have taken effect, or may still. Ask by its key before anything else is done. */
export interface Unknown {
  readonly outcome: 'unknown';
  readonly reason: string;
}

/** What is known of a key: nothing has arrived, it has arrived and has no outcome yet, or its outcome. */
export type Found<Outcome> = { readonly outcome: 'none' } | { readonly outcome: 'pending' } | Outcome | Declined;
