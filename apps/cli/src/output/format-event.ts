import type { RecordedEvent } from '@kiroku/core';
import colors from 'picocolors';

/** One line: position, time, type, stream and version, and as much of the data as fits. */
export function formatEventLine(event: RecordedEvent, width: number): string {
  const { position, recordedAt, type, stream, version, data } = event;
  const place = `${stream}@${version}`;
  const used = String(position).padStart(8).length + 24 + type.length + place.length + 8;
  const text = JSON.stringify(data);
  const room = Math.max(width - used, 20);
  const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
  const time = `${recordedAt.slice(0, 23).replace('T', ' ')}`;
  return `${String(position).padStart(8)}  ${colors.dim(time)}  ${colors.cyan(type)}  ${place}  ${colors.dim(shown)}`;
}

/** All of it. */
export function formatEvent(event: RecordedEvent): string {
  const { position, recordedAt, type, schemaVersion, stream, version, id, tags, data, metadata } = event;
  const fields: readonly (readonly [string, string])[] = [
    ['stream', `${stream}@${version}`],
    ['recorded', recordedAt],
    ['id', id],
    ['schema', String(schemaVersion)],
    ['tags', tags.join(', ') || '-'],
    ['data', indented(data)],
    ['metadata', indented(metadata)],
  ];
  return [`${position}  ${colors.cyan(type)}`, ...fields.map(([name, value]) => `  ${colors.dim(name.padEnd(9))} ${value}`)].join('\n');
}

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', '\n            ');
}
