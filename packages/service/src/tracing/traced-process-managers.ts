import type { OutgoingCommand, ProcessChanges, ProcessManagerStore } from '@kiroku/core';
import type { ActiveSpan, Tracing } from './tracing.ts';

/**
 * The same store, with a span for every reaction that sends commands: below what it reacts to, and above the commands, which are stored with
 * it. Nothing is told of what was not written.
 */
export function tracedProcessManagers(store: ProcessManagerStore, tracing: Tracing | undefined): ProcessManagerStore {
  if (tracing === undefined) return store;
  return {
    prepare: (processManager, log) => store.prepare(processManager, log),
    checkpoint: (processManager, partition) => store.checkpoint(processManager, partition),
    attend: (options) => store.attend(options),
    leave: (instance) => store.leave(instance),
    claim: (options) => store.claim(options),
    renew: (options) => store.renew(options),
    giveBack: (options) => store.giveBack(options),
    prune: (options) => store.prune(options),
    advance: (batch) => {
      const { react } = batch;
      return telling(tracing, (traced) => store.advance({ ...batch, react: (instances, settled) => traced(react(instances, settled)) }));
    },
    fire: (options) => {
      const { react } = options;
      return telling(tracing, (traced) => store.fire({ ...options, react: (timers, instances) => traced(react(timers, instances)) }));
    },
    intervene: (options) => {
      const { react } = options;
      return telling(tracing, (traced) => store.intervene({ ...options, react: (...given) => traced(react(...given)) }));
    },
  };
}

/** Ends the spans of the last reaction once it is written; a transaction that is tried again reacts anew. */
async function telling<T>(tracing: Tracing, write: (traced: (changes: ProcessChanges) => ProcessChanges) => Promise<T>): Promise<T> {
  let spans: ReadonlyMap<string, ActiveSpan> = new Map();
  const written = await write((changes) => {
    const reactions = new Map<string, ActiveSpan>();
    const commands = changes.commands.map((command) => sentWithin(reactions, command, tracing));
    spans = reactions;
    return { ...changes, commands };
  });
  for (const span of spans.values()) span.end();
  return written;
}

function sentWithin(reactions: Map<string, ActiveSpan>, command: OutgoingCommand, tracing: Tracing): OutgoingCommand {
  const { processManager, instance, metadata } = command;
  const key = `${instance} ${metadata.causationId}`;
  const span =
    reactions.get(key) ??
    tracing.begin({
      name: `react ${processManager}`,
      kind: 'consumer',
      parent: metadata,
      attributes: {
        'messaging.system': 'kiroku',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'react',
        'messaging.consumer.group.name': processManager,
        'messaging.message.id': metadata.causationId ?? '',
        'kiroku.process_manager.instance': instance,
      },
    });
  reactions.set(key, span);
  return { ...command, metadata: { ...metadata, ...span.context } };
}
