import { type Application, type Command, targetStream } from '@kiroku/core';
import type { CommandHandler, CommandResult } from '@kiroku/engine';
import { type LogContext, type Logger, loggerWithin, traceContextOf, withLogContext } from '@kiroku/service';

export interface LoggedHandlerOptions {
  readonly handle: CommandHandler;
  readonly application: Pick<Application, 'aggregates'>;
  readonly logger: Logger;
}

/**
 * Handles commands so that whatever is logged meanwhile carries their ids. At level `debug` a line tells the outcome of each, at `trace` also
 * what was asked for, without personal fields.
 */
export function loggedHandler({ handle, application, logger }: LoggedHandlerOptions): CommandHandler {
  const aggregates = new Map(
    application.aggregates.flatMap((aggregate) => Object.keys(aggregate.commands).map((type) => [type, aggregate] as const)),
  );
  const streamOf = (command: Command): string | undefined => {
    const aggregate = aggregates.get(command.type);
    try {
      return aggregate && targetStream(aggregate, command);
    } catch {
      return undefined; // it has not passed its schema yet, and may not
    }
  };
  return (command) => {
    const context = contextOf(command, streamOf);
    return withLogContext(context, async () => {
      if (!logger.isLevelEnabled('debug')) return handle(command);
      const startedAt = performance.now();
      const result = await handle(command);
      const told = { ...outcomeOf(result), ms: Math.round((performance.now() - startedAt) * 10) / 10 };
      const log = loggerWithin(logger, context);
      if (log.isLevelEnabled('trace')) log.trace({ ...told, data: command.data }, 'command handled');
      else log.debug(told, 'command handled');
      return result;
    });
  };
}

function contextOf(command: Command, streamOf: (command: Command) => string | undefined): LogContext {
  const { correlationId } = command.metadata;
  return {
    ...(typeof correlationId === 'string' && { correlationId }),
    ...traceContextOf(command.metadata),
    command,
    stream: () => streamOf(command),
  };
}

function outcomeOf(result: CommandResult): object {
  if (result.outcome === 'rejected') return { outcome: result.outcome, code: result.rejection.code };
  const { outcome, version, position, events, duplicate } = result;
  return { outcome, version, position, events, ...(duplicate && { duplicate }) };
}
