import type { Consumer, ConsumerDefinition, ConsumerLease, JsonObject, SealedSecrets } from '@kiroku/core';

interface DefinitionRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly types: string[] | null;
  readonly categories: string[] | null;
  readonly tags: string[] | null;
  readonly reveal: boolean;
  readonly timeout_ms: number;
  readonly concurrency: number;
  readonly max_attempts: number;
  readonly max_age_seconds: number;
  readonly log_id: string;
  readonly timeline: number;
}

export interface SecretsRow {
  readonly secret: JsonObject;
  readonly previous_secret: JsonObject | null;
  readonly previous_secret_until: string | null;
}

export interface LeaseRow extends DefinitionRow, SecretsRow {
  readonly epoch: number;
  readonly paused: boolean;
}

export interface ConsumerRow extends DefinitionRow {
  readonly position: number;
  readonly moved_at: string;
  readonly paused_reason: string | null;
  readonly paused_at: string | null;
  readonly waiting: number;
  readonly dead: number;
  readonly failing_error: string | null;
  readonly failing_since: string | null;
  readonly failing_code: string | null;
  readonly owner: string | null;
  readonly previous_secret_until: string | null;
  readonly created_by: string;
  readonly created_at: string;
}

export function toConsumer(row: ConsumerRow): Consumer {
  const { position, moved_at, paused_reason, paused_at, waiting, dead, owner } = row;
  const failing = failingOf(row);
  return {
    ...definitionOf(row),
    log: { id: row.log_id, timeline: row.timeline },
    position,
    movedAt: moved_at,
    ...(paused_reason !== null && paused_at !== null && { paused: { reason: paused_reason, since: paused_at } }),
    waiting,
    dead,
    ...(failing && { failing }),
    ...(owner !== null && { owner }),
    ...(row.previous_secret_until !== null && { previousSecretUntil: row.previous_secret_until }),
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

export function toLease(row: LeaseRow): ConsumerLease {
  const { epoch, paused } = row;
  return { ...definitionOf(row), epoch, paused, secrets: toSecrets(row), log: { id: row.log_id, timeline: row.timeline } };
}

export function toSecrets({ secret, previous_secret: previous, previous_secret_until: until }: SecretsRow): SealedSecrets {
  return { current: secret, ...(previous !== null && until !== null && { previous: { secret: previous, until } }) };
}

function failingOf({ failing_error: error, failing_since: since, failing_code: code }: ConsumerRow): Consumer['failing'] {
  if (error === null || since === null) return undefined;
  return { error, since, ...(code !== null && { code }) };
}

function definitionOf(row: DefinitionRow): ConsumerDefinition {
  const { id, name, url, types, categories, tags, reveal } = row;
  return {
    id,
    name,
    url,
    filter: { ...(types && { types }), ...(categories && { categories }), ...(tags && { tags }) },
    reveal,
    terms: {
      timeoutMs: row.timeout_ms,
      concurrency: row.concurrency,
      maxAttempts: row.max_attempts,
      maxAgeSeconds: row.max_age_seconds,
    },
  };
}
