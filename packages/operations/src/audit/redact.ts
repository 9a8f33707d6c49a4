import { isSecretName, type JsonArray, type JsonObject, type JsonValue, withoutPasswords } from '@kiroku/core';

/** A copy without secrets: fields that are named like one, and passwords in URLs. */
export function withoutSecrets(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, value === undefined || !isSecretName(name) ? redact(value) : '***']),
  );
}

function redact(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'string') return withoutPasswords(value);
  if (typeof value !== 'object' || value === null) return value;
  return isArray(value) ? value.map((item) => redact(item) ?? null) : withoutSecrets(value);
}

// Array.isArray does not narrow readonly arrays
function isArray(value: JsonArray | JsonObject): value is JsonArray {
  return Array.isArray(value);
}
