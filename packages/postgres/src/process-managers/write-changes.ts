import {
  type ClaimedCommand,
  type Claiming,
  jsonFault,
  KirokuError,
  type OutgoingCommand,
  type ProcessChanges,
  type ProcessPartition,
  type Settlement,
  type TimerSetting,
} from '@kiroku/core';
import { statement } from '../statement.ts';

export interface Writing {
  readonly processManager: string;
  readonly changes: ProcessChanges;
  /** Moves checkpoints. Default: none. */
  readonly advance?: { readonly partitions: readonly ProcessPartition[]; readonly position: number };
  /** Takes some of the commands for the caller. Default: none. */
  readonly claim?: Claiming;
  readonly settled?: readonly Settlement[];
}

export interface Written {
  /** The checkpoints were where they should be; otherwise nothing was written. */
  readonly holds: boolean;
  /** Ids of the commands that the caller has taken. */
  readonly claimed: readonly string[];
}

/** How JSON writes what PostgreSQL cannot store: NUL, and half a surrogate pair. Finds escaped backslashes before such digits too. */
const suspect = /\\u(?:0000|d[89a-f])/;

/** The statement that writes instances, timers, commands on their way out, history and outcomes. Throws `DefinitionInvalid` for what cannot be stored. */
export function writeChanges({ processManager, changes, advance, claim, settled = [] }: Writing) {
  const { instances, commands, timers = [], history = [] } = changes;
  const done = new Set(instances.filter(({ status }) => status === 'done').map(({ id }) => id));
  const { set, cancelled } = latestTimers(timers.filter(({ instance }) => !done.has(instance)));
  const texts = { instances: JSON.stringify(instances), commands: JSON.stringify(commands), history: JSON.stringify(history) };
  if (Object.values(texts).some((text) => suspect.test(text))) requireStorable(processManager, changes);
  const values = [
    processManager,
    advance?.partitions.map(({ lease }) => lease.partition) ?? [],
    advance?.partitions.map(({ after }) => after) ?? [],
    advance?.position,
    claim?.limit(commands.length) ?? 0,
    claim?.leaseMs ?? 0,
    texts.instances,
    texts.commands,
    texts.history,
    cancelled.map(({ instance }) => instance),
    cancelled.map(({ name }) => name),
    [...done],
    JSON.stringify(set),
    JSON.stringify(settled.map(({ command, outcome }) => ({ id: command.id, outcome }))),
  ];
  return { ...statement('process_managers/write_changes'), values };
}

/** The database would refuse the whole without saying which. */
function requireStorable(processManager: string, { instances, commands, history = [] }: ProcessChanges): void {
  const all = [...instances.map((instance) => ({ ...instance, instance: instance.id })), ...commands, ...history];
  for (const each of all) {
    const fault = jsonFault({ ...each });
    if (fault === undefined) continue;
    const { instance } = each;
    const of = 'type' in each ? `its command ${each.type}` : 'what it becomes';
    const message = `Instance ${instance} of ${processManager} cannot go on: ${of} cannot be stored, ${fault}.`;
    throw new KirokuError('DefinitionInvalid', message, { details: { processManager, instance } });
  }
}

/** The commands that were claimed, as another claim would give them. */
export function claimedOf(commands: readonly OutgoingCommand[], { claimed }: Written): readonly ClaimedCommand[] {
  if (claimed.length === 0) return [];
  const ids = new Set(claimed);
  const own = commands.filter(({ id }) => ids.has(id)).map((command) => ({ ...command, attempts: 1 }));
  return JSON.parse(JSON.stringify(own)) as ClaimedCommand[]; // as they come out of the database
}

/** The last setting of each timer, as the statement takes them, in the order of their keys: two writers must not wait for each other. */
function latestTimers(timers: readonly TimerSetting[]) {
  const latest = new Map(timers.map((timer) => [JSON.stringify([timer.instance, timer.name]), timer]));
  const ordered = [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, timer]) => timer);
  return {
    cancelled: ordered.filter((timer) => 'cancel' in timer),
    set: ordered.flatMap((timer) => {
      if ('cancel' in timer) return [];
      const { due, ...rest } = timer;
      return ['at' in due ? { ...rest, dueAt: due.at } : { ...rest, dueInMs: due.inMs }];
    }),
  };
}
