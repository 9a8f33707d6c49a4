import type { ServiceAddress } from '@kiroku/operations';

/** Base URLs of the processes that the gateway knows of. */
export interface ProcessUrls {
  /** Of the gateway itself. */
  readonly gateway: string;
  /** Of each instance, not of a load balancer before them: counters of two processes are not one that goes up and down. */
  readonly commands: readonly string[];
  readonly queries: readonly string[];
}

/** Those that are asked for their health, metrics and log level. */
export function knownProcesses({ gateway, commands, queries }: ProcessUrls): readonly ServiceAddress[] {
  return [
    { service: 'client-service', url: gateway },
    ...commands.map((url) => ({ service: 'command-service', url })),
    ...queries.map((url) => ({ service: 'query-service', url })),
  ];
}

/** Their names in health: one of several has its URL in it. */
export function namedProcesses(urls: ProcessUrls): readonly { readonly name: string; readonly url: string }[] {
  const processes = knownProcesses(urls);
  const isAlone = (service: string) => processes.filter((each) => each.service === service).length === 1;
  return processes.map(({ service, url }) => ({ name: isAlone(service) ? service : `${service} ${url}`, url }));
}
