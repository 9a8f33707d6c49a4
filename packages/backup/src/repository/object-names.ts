import { KirokuError } from '@kiroku/core';

/** What is where in a repository. Everything that belongs to it has one of these names, and nothing else is ever touched. */
export const markerName = 'kiroku-backups.json';
export const keyRecordName = 'kiroku-backups-key.json';
export const keyRecordCopyName = 'kiroku-backups-key-copy.json';
export const backupsPrefix = 'backups/';
export const walPrefix = 'wal/';
export const keysPrefix = 'keys/';

export const backupPrefix = (id: string) => `${backupsPrefix}${segment(id)}/`;
export const manifestName = (id: string) => `${backupPrefix(id)}manifest.json`;
export const underWayName = (id: string) => `${backupPrefix(id)}under-way.json`;
export const partName = (id: string, part: string) => `${backupPrefix(id)}parts/${segment(part)}`;
export const walName = (name: string) => `${walPrefix}${segment(name)}`;
export const keysName = (id: string) => `${keysPrefix}${segment(id)}`;
export const reportsPrefix = (kind: string) => `reports/${segment(kind)}/`;
export const reportName = (kind: string, id: string) => `${reportsPrefix(kind)}${segment(id)}.json`;

function segment(text: string): string {
  if (/^[A-Za-z0-9_][\w.-]{0,127}$/.test(text)) return text;
  throw new KirokuError('BadRequest', `${JSON.stringify(text)} cannot be the name of a backup or a part of one.`);
}
