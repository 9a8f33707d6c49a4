import type { Command } from '@kiroku/core';
import type { ActiveSpan, Tracing } from './tracing.ts';

interface Handled {
  readonly outcome: 'accepted' | 'rejected';
  readonly duplicate?: boolean;
  readonly stream?: string;
  readonly position?: number;
  readonly rejection?: { readonly code: string };
}

/**
 * The same handler, with a span for every command. Its events carry that span, so that what follows from them is below the command that made
 * them. A rejection is an outcome, not a failure.
 */
export function tracedHandler<Result extends Handled>(
  handle: (command: Command) => Promise<Result>,
  tracing: Tracing | undefined,
): (command: Command) => Promise<Result> {
  if (tracing === undefined) return handle;
  return (command) => {
    const { type, id, metadata } = command;
    const attributes = { 'kiroku.command.type': type, 'kiroku.command.id': id, ...actedFor(metadata) };
    return tracing.during({ name: `command ${type}`, attributes }, async (span) => {
      const result = await handle({ ...command, metadata: { ...metadata, ...span.context } });
      tellOutcome(span, result);
      return result;
    });
  };
}

function actedFor({ correlationId, causationId }: Command['metadata']) {
  return {
    ...(correlationId !== undefined && { 'kiroku.correlation_id': correlationId }),
    ...(causationId !== undefined && { 'kiroku.causation_id': causationId }),
  };
}

function tellOutcome(span: ActiveSpan, { outcome, duplicate, stream, position, rejection }: Handled): void {
  span.set({
    'kiroku.command.outcome': duplicate === true ? 'duplicate' : outcome,
    ...(rejection !== undefined && { 'kiroku.rejection.code': rejection.code }),
    ...(stream !== undefined && { 'kiroku.stream': stream }),
    ...(position !== undefined && { 'kiroku.position': position }),
  });
}
