import { logContext } from '../logging/log-context.ts';
import { type TraceContext, traceContextOf } from './trace-context.ts';

/** What belongs to the trace of what is being done at the moment is given this. */
export function currentTraceContext(): TraceContext {
  return traceContextOf({ ...logContext() });
}
