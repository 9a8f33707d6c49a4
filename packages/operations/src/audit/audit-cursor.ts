import { checkTime, KirokuError } from '@kiroku/core';
import type { AuditTrails } from './audit-stores.ts';

export type TrailName = keyof AuditTrails;

/** Where a listing goes on: in each trail before a place, and not before a time. */
export interface AuditCursor {
  readonly places: { readonly [Name in TrailName]?: number };
  readonly since?: string;
}

const names: readonly TrailName[] = ['accepted', 'unrecorded', 'actions'];

/** A cursor as a text that means nothing to others. */
export function encodeCursor({ places, since }: AuditCursor): string {
  return Buffer.from(JSON.stringify([names.map((name) => places[name] ?? null), since ?? null])).toString('base64url');
}

/** Throws `BadRequest` if the text is no cursor. */
export function decodeCursor(text: string): AuditCursor {
  const parsed = parse(text);
  const [places, since] = Array.isArray(parsed) ? (parsed as readonly unknown[]) : [];
  const isTime = since === null || (typeof since === 'string' && isReadable(since));
  if (!Array.isArray(places) || places.length !== names.length || !places.every(isPlace) || !isTime)
    throw new KirokuError('BadRequest', 'This is no cursor of the audit. Take the one that came with the entries before.');
  return {
    places: Object.fromEntries(names.flatMap((name, index) => (typeof places[index] === 'number' ? [[name, places[index]]] : []))),
    ...(typeof since === 'string' && { since }),
  };
}

function isPlace(value: unknown): boolean {
  return value === null || (Number.isSafeInteger(value) && Number(value) >= 0);
}

function isReadable(time: string): boolean {
  try {
    return checkTime(time) !== '';
  } catch {
    return false;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined; // no cursor, like other things that are none
  }
}
