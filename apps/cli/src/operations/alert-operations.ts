import { OperationsClient } from '@kiroku/client';
import { isKirokuError } from '@kiroku/core';
import { type AlertReport, sampleAlerts, serviceAddresses } from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';

export interface SeenAlerts {
  readonly report: AlertReport;
  /** A gateway has watched. Otherwise the report is of a few looks from here. */
  readonly watched: boolean;
}

/** Longer than a gateway that has just started takes for its first look. */
const timeoutMs = 7_000;

const gateway = 'client-service';

/** Asks the gateway, which has watched; without one, looks from here. */
export async function alertsOf(command: Command): Promise<() => Promise<SeenAlerts>> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  const operator = readOperator(flags);
  const ask = (url: string) => new OperationsClient({ url, operator, timeoutMs }).showAlerts();
  if (flags.remote !== undefined) return throughGateway(flags.remote, ask);
  const services = serviceAddresses(await installationOf(command));
  return async () => {
    try {
      return { report: await Promise.any(whoWatches(services).map(({ url }) => ask(url))), watched: true };
    } catch {
      return { report: await sampleAlerts(services), watched: false }; // none of them is a gateway that answers
    }
  };
}

/** Only the gateway: others would log that they do not know the path. All, if an application has none of this name. */
export function whoWatches<T extends { readonly service: string }>(services: readonly T[]): readonly T[] {
  const gateways = services.filter(({ service }) => service === gateway);
  return gateways.length > 0 ? gateways : services;
}

/** A gateway that does not answer is what is wrong. */
function throughGateway(url: string, ask: (url: string) => Promise<AlertReport>): () => Promise<SeenAlerts> {
  return async () => {
    try {
      return { report: await ask(url), watched: true };
    } catch (error) {
      if (!isKirokuError(error) || !error.retryable) throw error;
      const at = new Date().toISOString();
      const service = gateway;
      const alert = {
        name: 'KirokuServiceDown',
        severity: 'critical' as const,
        state: 'firing' as const,
        labels: { instance: new URL(url).host },
        summary: `The service at ${new URL(url).host} does not answer.`,
        since: at,
        runbook: 'service-down.md',
      };
      const services = [{ service, url, up: false, reason: error.message }];
      return { report: { at, watchedSince: at, services, alerts: [alert], withoutData: [] }, watched: false };
    }
  };
}
