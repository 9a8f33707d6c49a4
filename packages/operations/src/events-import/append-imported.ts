import { type EventStore, isKirokuError, type StreamName } from '@kiroku/core';
import { importRefused } from './import-refused.ts';
import type { ImportedEvent } from './parse-line.ts';

/** Consecutive events of one stream. */
interface Run {
  readonly stream: StreamName;
  readonly events: [ImportedEvent, ...ImportedEvent[]];
}

/**
 * Appends events in their order; returns the position of the last. They are handed over in one turn, so that they go as one batch, in one
 * transaction. Throws `ImportRefused` for the first that cannot be appended.
 */
export async function appendImported(store: EventStore, events: readonly ImportedEvent[]): Promise<number> {
  const runs = runsOf(events);
  const results = await Promise.allSettled(
    runs.map(({ stream, events: run }) =>
      store.append({
        streams: [{ stream, expectedVersion: run[0].exported.version - 1, events: run.map(({ event }) => event) }],
      }),
    ),
  );
  let position = 0;
  for (const [index, result] of results.entries()) {
    const run = runs[index] as Run; // there is one result for each
    if (result.status === 'rejected') throw refusalOf(run, result.reason);
    if (result.value.duplicate) throw importRefused(run.events[0].line, 'its id is in the log already, at another version of the stream');
    position = result.value.position;
  }
  return position;
}

function runsOf(events: readonly ImportedEvent[]): readonly Run[] {
  const runs: Run[] = [];
  for (const event of events) {
    const { stream } = event.exported;
    const last = runs.at(-1);
    if (last?.stream === stream) last.events.push(event);
    else runs.push({ stream, events: [event] });
  }
  return runs;
}

function refusalOf({ stream, events: [first] }: Run, error: unknown): unknown {
  const { line, exported } = first;
  if (isKirokuError(error, 'Conflict')) {
    return importRefused(line, `it is version ${exported.version} of ${stream}, which does not continue the stream in the log`, error);
  }
  if (isKirokuError(error, 'IdReused'))
    return importRefused(line, `an event of ${stream} from here on has an id that is in the log already`, error);
  return error;
}
