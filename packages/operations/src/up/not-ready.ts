import type { ServiceConfig } from '../config/define-config.ts';
import { nothingAnswers } from './readiness.ts';

/** What there is to say of a service that is not ready in time. One at which nothing answers may listen elsewhere. */
export function notReady(options: {
  readonly service: Pick<ServiceConfig, 'portVariable'>;
  readonly port: number;
  readonly url: string;
  readonly reason: string;
  readonly afterMs: number;
}): string {
  const { service, port, url, reason, afterMs } = options;
  const what = `is not ready after ${afterMs / 1_000} s: ${reason}`;
  if (reason !== nothingAnswers) return what;
  return `${what} (asked ${url}/health/ready; ${service.portVariable}=${port} was given: does it read that?)`;
}
