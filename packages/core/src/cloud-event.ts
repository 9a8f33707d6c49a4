import type { RecordedEvent } from './event.ts';
import type { JsonObject } from './json.ts';
import type { LogIdentity } from './ports/event-store.ts';
import type { StreamName } from './stream.ts';

/**
 * An event in a CloudEvents 1.0 envelope (https://github.com/cloudevents/spec, JSON format, structured mode). Extension attributes have
 * names of lower-case letters and digits, and values that are no objects: positions may be beyond its 32-bit integers, so they are texts,
 * and tags and metadata are texts with JSON in them.
 */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** `kiroku:` and the id of the log. */
  readonly source: string;
  readonly type: string;
  /** The stream. */
  readonly subject: StreamName;
  /** When it was recorded. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly timeline: number;
  readonly position: string;
  readonly version: number;
  readonly schemaversion: number;
  /** A JSON array. Absent: no tags. */
  readonly tags?: string;
  /** A JSON object. */
  readonly metadata: string;
  readonly data: JsonObject;
}

/** What `source` of a CloudEvent begins with; the id of the log follows. */
export const cloudEventScheme = 'kiroku:';

/** The event as another system can read it, with everything that an import needs. */
export function toCloudEvent(event: RecordedEvent, { id: log, timeline }: LogIdentity): CloudEvent {
  const { id, type, stream, recordedAt, position, version, schemaVersion, tags, metadata, data } = event;
  return {
    specversion: '1.0',
    id,
    source: `${cloudEventScheme}${log}`,
    type,
    subject: stream,
    time: recordedAt,
    datacontenttype: 'application/json',
    timeline,
    position: String(position),
    version,
    schemaversion: schemaVersion,
    ...(tags.length > 0 && { tags: JSON.stringify(tags) }),
    metadata: JSON.stringify(metadata),
    data,
  };
}
