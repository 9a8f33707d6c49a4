/** The services there are; each exports its own series. */
export type ServiceName = 'client-service' | 'command-service' | 'query-service';

/** One metric as it is exported. Times are seconds, sizes bytes; what only grows ends in `_total`. */
export interface MetricDefinition {
  readonly name: `kiroku_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** None of them ever takes its values from what users send. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
  readonly of: 'every service' | readonly ServiceName[];
}
