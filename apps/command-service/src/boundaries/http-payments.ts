import type { KeyedCall, PaymentPort, Unknown } from '@kiroku/shop';
import { OutsideService, type OutsideServiceOptions } from './outside-service.ts';
import type { AnswerOf, RequestOf } from './simulated-operations.ts';

type Operation = 'authorise' | 'capture' | 'void' | 'refund';

/** Payments over HTTP, as the payment simulator's document describes them. */
export class HttpPayments implements PaymentPort, AsyncDisposable {
  readonly #service: OutsideService;

  constructor(options: Omit<OutsideServiceOptions, 'name'>) {
    this.#service = new OutsideService({ name: 'payment service', ...options });
  }

  authorise(request: RequestOf<'authorise'>, call: KeyedCall) {
    return this.#call('authorise', request, call);
  }

  capture(request: RequestOf<'capture'>, call: KeyedCall) {
    return this.#call('capture', request, call);
  }

  void(request: RequestOf<'void'>, call: KeyedCall) {
    return this.#call('void', request, call);
  }

  refund(request: RequestOf<'refund'>, call: KeyedCall) {
    return this.#call('refund', request, call);
  }

  find(idempotencyKey: string, call?: Omit<KeyedCall, 'idempotencyKey' | 'repeated'>): Promise<AnswerOf<'find_payments'>> {
    return this.#service.ask(outcomePath(idempotencyKey), call);
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #call<Name extends Operation>(name: Name, request: RequestOf<Name>, call: KeyedCall): Promise<AnswerOf<Name> | Unknown> {
    return this.#service.call<AnswerOf<Name>>(`payments/${name}`, request, call, outcomePath);
  }
}

function outcomePath(key: string): string {
  return `payments/outcomes/${encodeURIComponent(key)}`;
}
