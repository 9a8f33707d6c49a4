import { KirokuError } from './errors.ts';
import type { EventDefinitions } from './event-definition.ts';
import type { SnapshotKey } from './ports/snapshot-store.ts';

/** When an aggregate's state is kept, so that a long stream need not be read from its beginning. */
export interface SnapshotPolicy {
  /** Keep the state whenever at least so many events had to be read to get it, from 1. */
  readonly every: number;
  /**
   * From 1. Raise it whenever the shape of the state changes, or what `evolve` makes of an event: kept states of another version are not used.
   * A new event type, or a new schema version of one, needs no raise.
   */
  readonly stateVersion: number;
}

/** A policy, for a state that is plain JSON: others cannot be kept and read back the same. */
export type SnapshotPolicyOf<State> = [State] extends [JsonShape<State>] ? SnapshotPolicy : never;

type JsonShape<T> = T extends string | number | boolean | null
  ? T
  : T extends (...parameters: never[]) => unknown
    ? never
    : T extends object
      ? { [K in keyof T]: JsonShape<T[K]> }
      : never;

/** What the engine needs to keep and find the states of one definition. */
export interface SnapshotPlan extends Omit<SnapshotKey, 'stream'> {
  readonly every: number;
  /** Whose states they are. Two with the same key would take each other's. */
  readonly evolve: object;
}

/** The plan of a definition that declares snapshots. Throws `DefinitionInvalid`. */
export function snapshotPlan(definition: {
  readonly name: string;
  readonly events: EventDefinitions;
  readonly evolve: object;
  readonly snapshot?: SnapshotPolicy;
}): SnapshotPlan | undefined {
  const { name, events, evolve, snapshot } = definition;
  if (snapshot === undefined) return undefined;
  const { every, stateVersion } = snapshot;
  requireCount(every, `snapshot.every of ${name}`);
  requireCount(stateVersion, `snapshot.stateVersion of ${name}`);
  requireNothingPersonal(name, events);
  return { aggregate: name, stateVersion, events: eventList(events), every, evolve };
}

/** Code that knows other events must not take the state: it would not notice an event that it has to refuse. */
function eventList(events: EventDefinitions): string {
  return Object.entries(events)
    .map(([type, { version = 1 }]) => `${type}@${version}`)
    .sort()
    .join(' ');
}

/** A snapshot is stored as it is: what was forgotten would stand in it. */
function requireNothingPersonal(name: string, events: EventDefinitions): void {
  const found = Object.entries(events).find(([, { personal }]) => personal !== undefined);
  if (found === undefined) return;
  throw new KirokuError(
    'DefinitionInvalid',
    `${name} declares snapshots, but its event ${found[0]} has personal fields, which would be stored readable in them. Remove the snapshot, or move the personal events to an aggregate of their own.`,
  );
}

function requireCount(value: number, what: string): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new KirokuError('DefinitionInvalid', `The ${what} must be an integer from 1, not ${value}.`);
}
