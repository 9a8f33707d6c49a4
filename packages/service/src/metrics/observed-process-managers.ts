import type { ProcessChanges, ProcessInstance, ProcessManagerStore, StoredInstances } from '@kiroku/core';
import type { Metrics } from './metrics.ts';

type Outcome = 'completed' | 'compensated' | 'failed';

/** The same store, with the instances counted that start and end in this process: what was written, once it is written. */
export function observedProcessManagers(store: ProcessManagerStore, names: readonly string[], metrics: Metrics): ProcessManagerStore {
  const started = metrics.counter('sagasStarted');
  const ended = metrics.counter('sagasEnded');
  for (const name of names) {
    started.inc({ process_manager: name }, 0); // known from the start: a rate needs two values
    for (const outcome of ['completed', 'compensated', 'failed']) ended.inc({ process_manager: name, outcome }, 0);
  }
  /** Remembers what the reaction was made of and led to; a transaction that is tried again reacts anew. */
  const watch = (processManager: string) => {
    let seen: { readonly before: (id: string) => ProcessInstance | undefined; readonly changes: ProcessChanges } | undefined;
    return {
      note: (before: (id: string) => ProcessInstance | undefined, changes: ProcessChanges): ProcessChanges => {
        seen = { before, changes };
        return changes;
      },
      written: () => {
        for (const after of seen?.changes.instances ?? []) {
          const before = seen?.before(after.id);
          if (before === undefined) started.inc({ process_manager: processManager });
          const outcome = before?.status === after.status ? undefined : outcomeOf(after);
          if (outcome !== undefined) ended.inc({ process_manager: processManager, outcome });
        }
      },
    };
  };
  const within = (instances: StoredInstances) => (id: string) => instances.get(id);
  return {
    prepare: (processManager, log) => store.prepare(processManager, log),
    checkpoint: (processManager, partition) => store.checkpoint(processManager, partition),
    attend: (options) => store.attend(options),
    leave: (instance) => store.leave(instance),
    claim: (options) => store.claim(options),
    renew: (options) => store.renew(options),
    giveBack: (options) => store.giveBack(options),
    prune: (options) => store.prune(options),
    advance: async (batch) => {
      const { note, written } = watch(batch.processManager);
      const claimed = await store.advance({
        ...batch,
        react: (instances, settled) => note(within(instances), batch.react(instances, settled)),
      });
      written();
      return claimed;
    },
    fire: async (options) => {
      const { note, written } = watch(options.processManager);
      const fired = await store.fire({
        ...options,
        react: (timers, instances) => note(within(instances), options.react(timers, instances)),
      });
      written();
      return fired;
    },
    intervene: async (options) => {
      const { note, written } = watch(options.processManager);
      const found = await store.intervene({
        ...options,
        react: (instance, retried) => note((id) => (id === instance.id ? instance : undefined), options.react(instance, retried)),
      });
      written();
      return found;
    },
  };
}

function outcomeOf({ status, state }: ProcessInstance): Outcome | undefined {
  if (status === 'failed') return 'failed';
  if (status !== 'done') return undefined;
  return state.phase === 'compensated' ? 'compensated' : 'completed';
}
