import { KirokuError } from '@kiroku/core';
import { auditedRun } from '../audit/audited-run.ts';
import { entryFile, type Installation, serviceUrls } from '../config/installation.ts';
import { askSupervisor, type Restarted } from '../up/control-channel.ts';
import { askReadiness } from '../up/readiness.ts';
import { runningSupervisor } from '../up/supervisor-lock.ts';
import { readSupervisorState, type SupervisorState } from '../up/supervisor-state.ts';
import { requireService } from './require-service.ts';

export interface RestartWanted {
  readonly service: string;
  /** Start it from nothing: as the configuration file says now, and with its logs put aside. Default false. */
  readonly recreate?: boolean;
}

/** What a restart would do. */
export interface RestartPlan {
  readonly service: string;
  readonly recreate: boolean;
  /** Absent if it is down. */
  readonly pid?: number;
  /** It takes requests now: those that come until it is ready again may fail. */
  readonly serving: boolean;
}

/** Throws `NotFound` if there is no such service, `ServiceUnavailable` if no supervisor runs here. */
export async function planRestart(installation: Installation, { service, recreate = false }: RestartWanted): Promise<RestartPlan> {
  const state = await supervisorOf(installation, service);
  const pid = state.services.find(({ name }) => name === service)?.pid;
  const { ready } = await askReadiness(serviceUrls(installation)[service] ?? '');
  return { service, recreate, serving: ready, ...(pid !== undefined && { pid }) };
}

/** Restarts one service, under the supervisor that runs here; returns when it is ready. The audit log notes who did. */
export async function restartService(installation: Installation, { service, recreate }: RestartPlan): Promise<Restarted> {
  const { control } = await supervisorOf(installation, service);
  const declared = installation.config.services.find(({ name }) => name === service);
  return auditedRun(installation, {
    verb: 'restart',
    arguments: { service, recreate },
    run: () => {
      if (!recreate || declared === undefined) return askSupervisor(control, { verb: 'restart', service });
      const asDeclared = { entry: entryFile(installation, declared), env: declared.env ?? {} };
      return askSupervisor(control, { verb: 'restart', service, recreate: asDeclared });
    },
    after: (restarted) => ({ ...restarted }),
  });
}

async function supervisorOf(installation: Installation, service: string): Promise<SupervisorState & { readonly control: string }> {
  const { config, dataDirectory } = installation;
  const [state, running] = [await readSupervisorState(dataDirectory), await runningSupervisor(dataDirectory)];
  const names = state?.services.map(({ name }) => name) ?? [];
  requireService(service, names.length > 0 ? names : config.services.map(({ name }) => name));
  if (running?.control !== undefined) return { ...running, control: running.control };
  const was = state === undefined ? 'No supervisor runs' : `The supervisor, process ${state.pid}, has ended or does not take requests`;
  throw new KirokuError(
    'ServiceUnavailable',
    `${was} on ${dataDirectory}, so nobody here could start ${service} again. \`kiroku up\` starts everything; what was started otherwise is restarted there.`,
  );
}
