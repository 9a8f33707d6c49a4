import type { KeyedCall, ShippingPort, Unknown } from '@kiroku/shop';
import { OutsideService, type OutsideServiceOptions } from './outside-service.ts';
import type { AnswerOf, RequestOf } from './simulated-operations.ts';

/** Shipping over HTTP, as the payment simulator's document describes it. */
export class HttpShipping implements ShippingPort, AsyncDisposable {
  readonly #service: OutsideService;

  constructor(options: Omit<OutsideServiceOptions, 'name'>) {
    this.#service = new OutsideService({ name: 'shipping service', ...options });
  }

  arrange(request: RequestOf<'arrange'>, call: KeyedCall) {
    return this.#call('arrange', request, call);
  }

  cancel(request: RequestOf<'cancel'>, call: KeyedCall) {
    return this.#call('cancel', request, call);
  }

  find(idempotencyKey: string, call?: Omit<KeyedCall, 'idempotencyKey' | 'repeated'>): Promise<AnswerOf<'find_shipments'>> {
    return this.#service.ask(outcomePath(idempotencyKey), call);
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #call<Name extends 'arrange' | 'cancel'>(name: Name, request: RequestOf<Name>, call: KeyedCall): Promise<AnswerOf<Name> | Unknown> {
    return this.#service.call<AnswerOf<Name>>(`shipments/${name}`, request, call, outcomePath);
  }
}

function outcomePath(key: string): string {
  return `shipments/outcomes/${encodeURIComponent(key)}`;
}
