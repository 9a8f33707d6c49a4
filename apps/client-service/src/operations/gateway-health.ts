import { type DatabaseUrls, type HealthReport, lookAtHealth, namedProcesses, sharedLook, type WorkLimits } from '@kiroku/operations';
import { shop } from '@kiroku/shop';
import { knownProcesses, type ProcessUrls } from './known-processes.ts';

export interface GatewayHealthOptions {
  readonly urls: ProcessUrls;
  /** `undefined`: the gateway does not know all three. */
  readonly databases: DatabaseUrls | undefined;
  readonly limits: WorkLimits;
  /** Milliseconds for which an answer serves further requests. */
  readonly cacheMs: number;
  /** How long services and databases have to answer, milliseconds. */
  readonly answerTimeoutMs: number;
}

/** Looks at the services and databases that the gateway knows of; however often it is asked, it looks once at a time. */
export function gatewayHealth({ urls, databases, limits, cacheMs, answerTimeoutMs }: GatewayHealthOptions): () => Promise<HealthReport> {
  const services = namedProcesses(knownProcesses(urls));
  const known = databases ?? { reason: 'the gateway does not know where it is: it lacks DATABASE_URL, or the URL of one of the three' };
  return sharedLook(() => lookAtHealth({ application: shop, services, databases: known, limits, answerTimeoutMs }), cacheMs);
}
