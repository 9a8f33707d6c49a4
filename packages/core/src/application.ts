import type { Aggregate } from './aggregate.ts';
import { KirokuError } from './errors.ts';
import type { ProcessManager } from './process-manager.ts';
import type { Projection } from './projection.ts';

/** Aggregates, projections and process managers that belong together, with names that are unique among them. */
export interface Application {
  readonly name: string;
  readonly aggregates: readonly Aggregate[];
  readonly projections: readonly Projection[];
  readonly processManagers: readonly ProcessManager[];
}

/** Collects an application. Throws `DefinitionInvalid` if a name is used twice. */
export function defineApplication(options: {
  readonly name: string;
  readonly aggregates: readonly Aggregate[];
  readonly projections?: readonly Projection[];
  readonly processManagers?: readonly ProcessManager[];
}): Application {
  const { aggregates, projections = [], processManagers = [] } = options;
  requireUnique(
    'aggregate',
    aggregates.map(({ name }) => name),
  );
  requireUnique(
    'event type',
    aggregates.flatMap(({ events }) => Object.keys(events)),
  );
  requireUnique(
    'command type',
    aggregates.flatMap(({ commands }) => Object.keys(commands)),
  );
  requireUnique(
    'projection',
    projections.map(({ name }) => name),
  );
  requireUnique(
    'process manager',
    processManagers.map(({ name }) => name),
  );
  return { name: options.name, aggregates, projections, processManagers };
}

function requireUnique(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name))
      throw new KirokuError('DefinitionInvalid', `The ${what} "${name}" is defined twice. Give one of them another name.`);
    seen.add(name);
  }
}
