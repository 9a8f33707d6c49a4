import type { ServiceAddress } from '@kiroku/operations';

/** Base URLs of the processes that the gateway knows of. */
export interface ProcessUrls {
  /** Of each instance, not of a load balancer before them: counters of two processes are not one that goes up and down. */
  readonly gateways: readonly string[];
  readonly commands: readonly string[];
  readonly queries: readonly string[];
}

/** Those that are asked for their health, metrics and log level. */
export function knownProcesses({ gateways, commands, queries }: ProcessUrls): readonly ServiceAddress[] {
  return [
    ...gateways.map((url) => ({ service: 'client-service', url })),
    ...commands.map((url) => ({ service: 'command-service', url })),
    ...queries.map((url) => ({ service: 'query-service', url })),
  ];
}
