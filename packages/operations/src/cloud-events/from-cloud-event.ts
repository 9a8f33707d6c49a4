import { type CloudEvent, type EventMetadata, type LogIdentity, type RecordedEvent, cloudEventScheme as scheme } from '@kiroku/core';
import { isObject } from '../is-object.ts';

/** An event that was read from an export. */
export interface ExportedEvent extends RecordedEvent {
  /** The log it is from. */
  readonly log: LogIdentity;
}

/** Reads what `toCloudEvent` made, or says what is wrong with it. */
export function fromCloudEvent(value: unknown): ExportedEvent | { readonly fault: string } {
  if (!isObject(value)) return { fault: 'it is no JSON object' };
  const fault = faultOf(value);
  if (fault !== undefined) return { fault };
  const envelope = value as unknown as CloudEvent; // every attribute has just been checked
  const metadata = parseJson(envelope.metadata);
  const tags = parseJson(envelope.tags ?? '[]');
  if (!isObject(metadata)) return { fault: 'its attribute metadata is no JSON object' };
  if (!isTexts(tags)) return { fault: 'its attribute tags is no JSON array of texts' };
  return {
    position: Number(envelope.position),
    stream: envelope.subject,
    version: envelope.version,
    id: envelope.id.toLowerCase(),
    type: envelope.type,
    schemaVersion: envelope.schemaversion,
    data: envelope.data,
    metadata: metadata as EventMetadata, // checked when it is appended
    tags,
    recordedAt: envelope.time,
    log: { id: envelope.source.slice(scheme.length), timeline: envelope.timeline },
  };
}

type Check = readonly [attribute: keyof CloudEvent, isRight: (value: unknown) => boolean];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const recordedAt = /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

const checks: readonly Check[] = [
  ['specversion', (value) => value === '1.0'],
  ['id', (value) => typeof value === 'string' && uuid.test(value)],
  ['source', (value) => typeof value === 'string' && value.startsWith(scheme) && uuid.test(value.slice(scheme.length))],
  ['type', isText],
  ['subject', isText],
  ['time', (value) => typeof value === 'string' && recordedAt.test(value) && !Number.isNaN(Date.parse(value))],
  ['datacontenttype', (value) => value === 'application/json'],
  ['timeline', isOrdinal],
  ['position', (value) => typeof value === 'string' && /^[1-9][0-9]*$/.test(value) && Number.isSafeInteger(Number(value))],
  ['version', isOrdinal],
  ['schemaversion', isOrdinal],
  ['tags', (value) => value === undefined || isText(value)],
  ['metadata', isText],
  ['data', isObject],
];

function faultOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const wrong = checks.find(([attribute, isRight]) => !isRight(value[attribute]));
  if (wrong === undefined) return undefined;
  const [attribute] = wrong;
  const shown = (JSON.stringify(value[attribute]) ?? 'nothing').slice(0, 60);
  return attribute in value ? `its attribute ${attribute} cannot be ${shown}` : `it has no attribute ${attribute}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isOrdinal(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 2_147_483_647;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // none of what it may be
  }
}
