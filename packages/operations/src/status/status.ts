import { connectionUrls, type Installation, serviceUrls } from '../config/installation.ts';
import { health } from '../health/health.ts';
import type { HealthReport } from '../health/health-report.ts';
import type { ServiceHealth } from '../health/service-health.ts';
import { runningSupervisor } from '../up/supervisor-lock.ts';
import { type SafetyStatus, safetyStatus } from './safety-status.ts';

export interface ServiceStatus extends ServiceHealth {
  /** `undefined` if no supervisor here runs it. */
  readonly pid: number | undefined;
  /** ISO 8601. */
  readonly startedAt: string | undefined;
  readonly restarts: number;
}

export interface Status extends HealthReport {
  /** The supervisor that runs here, if one does. */
  readonly supervisor: { readonly pid: number; readonly startedAt: string } | undefined;
  readonly services: readonly ServiceStatus[];
  /** Backups and drills; missing if the databases do not say, or are asked through the gateway. */
  readonly safety?: SafetyStatus | undefined;
}

/** Looks at everything of an installation. What cannot be reached is part of the answer, not an error. */
export async function status(installation: Installation): Promise<Status> {
  const urls = await connectionUrls(installation, 'service').catch(() => undefined); // health says why
  const [running, report, safety] = await Promise.all([
    runningSupervisor(installation.dataDirectory),
    health(installation),
    urls && safetyStatus(urls),
  ]);
  const own = serviceUrls(installation); // another instance is somebody else's to run
  const services = report.services.map((service): ServiceStatus => {
    const known = running?.services.find(({ name }) => name === service.name || own[name] === service.url);
    return { ...service, pid: known?.pid, startedAt: known?.startedAt, restarts: known?.restarts ?? 0 };
  });
  return { supervisor: running && { pid: running.pid, startedAt: running.startedAt }, ...report, services, ...(safety && { safety }) };
}
