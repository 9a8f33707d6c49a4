import type { JsonArray, JsonObject, JsonValue } from '@kiroku/core';

const secretName = /pass(word|phrase)?$|secret|token|api[-_]?key|credential|private[-_]?key|authorization|cookie/i;
// the password may hold "@", so it ends at the last one before the host
const credentials = /([a-z][a-z0-9+.-]*:\/\/[^\s:/?#"'@]*):[^\s"'/]*@/gi;
const passwordParameter = /([?&](?:password|sslpassword|token|api_key|access_token)=)[^&\s"']*/gi;

/** A copy without secrets: fields that are named like one, and passwords in URLs. */
export function withoutSecrets(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, value === undefined || !secretName.test(name) ? redact(value) : '***']),
  );
}

/** A text without the passwords of its URLs. */
export function withoutPasswords(text: string): string {
  return text.replace(credentials, '$1:***@').replace(passwordParameter, '$1***');
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
