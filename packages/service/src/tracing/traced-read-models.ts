import { type ProjectionBatch, type ReadModelStore, type RecordedEvent, rowKeyText } from '@kiroku/core';
import type { SpanDescription, Tracing } from './tracing.ts';

/** Of a batch with more events than that, as while catching up, the events have no spans of their own: it is one, with links to some of them. */
const mostEvents = 50;
const mostLinks = 16;

/**
 * The same store, with a span for every event that is projected, in the event's own trace: it lasts as long as the batch. Nothing is made of
 * events that no trace led to, or that change no row of the partition.
 */
export function tracedReadModels(readModels: ReadModelStore, tracing: Tracing | undefined): ReadModelStore {
  if (tracing === undefined) return readModels;
  return {
    prepare: (projection, log) => readModels.prepare(projection, log),
    attend: (attendance) => readModels.attend(attendance),
    leave: (instance) => readModels.leave(instance),
    checkpoint: (projection) => readModels.checkpoint(projection),
    active: (projection) => readModels.active(projection),
    checkpoints: (projection, build) => readModels.checkpoints(projection, build),
    stall: (lease, reason) => readModels.stall(lease, reason),
    advances: (signal, onListening) => readModels.advances(signal, onListening),
    apply: async (batch) => {
      const spans = describe(batch).map((each) => tracing.begin(each));
      try {
        await readModels.apply(batch);
      } catch (error) {
        for (const span of spans) span.failed(error);
        throw error;
      } finally {
        for (const span of spans) span.end();
      }
    },
  };
}

function describe(batch: ProjectionBatch): SpanDescription[] {
  const { lease, events = [], position } = batch;
  const { projection, partition, build } = lease;
  const traced = events.filter(({ metadata }) => metadata.traceparent !== undefined);
  const of = {
    name: `project ${projection.name}`,
    kind: 'consumer' as const,
    attributes: {
      'messaging.system': 'kiroku',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'project',
      'messaging.consumer.group.name': projection.name,
      'messaging.batch.message_count': events.length,
      'kiroku.projection.version': projection.version,
      'kiroku.projection.build': build,
      'kiroku.projection.partition': partition,
    },
  };
  if (traced.length > mostEvents) {
    const links = traced.slice(0, mostLinks).map(({ metadata }) => metadata);
    return [{ ...of, parent: {}, links, attributes: { ...of.attributes, 'kiroku.position': position } }];
  }
  const isMine = changing(batch);
  return traced.filter(isMine).map(({ id, type, position: at, metadata }) => ({
    ...of,
    parent: metadata,
    attributes: { ...of.attributes, 'messaging.message.id': id, 'kiroku.event.type': type, 'kiroku.position': at },
  }));
}

/** Whether an event changes rows of the batch's partition; one whose keys cannot be told is parked, and told of there. */
function changing({ lease: { projection }, touched, run }: ProjectionBatch): (event: RecordedEvent) => boolean {
  if (run !== undefined) return () => true;
  const tables = Object.entries(touched).flatMap(([name, keys]) => {
    const table = projection.tables[name];
    return table === undefined ? [] : [{ table, keys: new Set(keys.map((key) => rowKeyText(table, key))) }];
  });
  return (event) => {
    try {
      return tables.some(({ table, keys }) => table.keys(event).some((key) => keys.has(rowKeyText(table, key))));
    } catch {
      return false;
    }
  };
}
