import { OperationsClient } from '@kiroku/client';
import { isKirokuError } from '@kiroku/core';
import { type HealthReport, health, type Status, status, unreachable } from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';

/** How everything is: seen from here or, through its gateway, from elsewhere. */
export interface HealthOperations {
  health(): Promise<HealthReport>;
  status(): Promise<Status>;
}

/** Where a verb looks from: services and databases themselves, or the gateway. */
export async function healthOperationsOf(command: Command): Promise<HealthOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined)
    return throughGateway(flags.remote, new OperationsClient({ url: flags.remote, operator: readOperator(flags) }));
  const installation = await installationOf(command);
  return { health: () => health(installation), status: () => status(installation) };
}

function throughGateway(url: string, client: OperationsClient): HealthOperations {
  const look = async (): Promise<HealthReport> => {
    try {
      return (await client.showHealth()) as HealthReport; // what is absent in JSON is undefined there
    } catch (error) {
      if (!isKirokuError(error) || !error.retryable) throw error;
      const gateway = unreachable('client-service', url, error.message);
      return { state: 'unhealthy', healthy: false, services: [gateway], databases: [], projections: undefined, work: undefined };
    }
  };
  return {
    health: look,
    status: async () => {
      const report = await look();
      const unsupervised = { pid: undefined, startedAt: undefined, restarts: 0 };
      return { ...report, supervisor: undefined, services: report.services.map((service) => ({ ...service, ...unsupervised })) };
    },
  };
}
