import type { Application, ConsumerStore, EventStore, KeyStore, OperatorAudit } from '@kiroku/core';

/** What verbs on consumers work with. */
export interface ConsumerStores {
  /** What is declared: a consumer of what nobody appends would never get anything. */
  readonly application: Pick<Application, 'aggregates'>;
  readonly consumers: ConsumerStore;
  readonly log: Pick<EventStore, 'head' | 'readLog'>;
  /** The clock that stamps events, milliseconds since 1970. Default: this process's. */
  readonly clock?: () => Promise<number>;
  /** Of the consumers' secrets. */
  readonly keys: KeyStore;
  readonly audit: OperatorAudit;
}
