// The user part may be kept: it says which role a connection uses. The password may hold "@", so it ends at the last one before the host.
const credentials = /([a-z][a-z0-9+.-]*:\/\/[^\s:/?#"'@]*):[^\s"'/]*@/gi;
const passwordParameter = /([?&](?:password|sslpassword|token|api_key|access_token)=)[^&\s"']*/gi;

/** Removes passwords from the URLs in a text. */
export function withoutCredentials(text: string): string {
  if (!text.includes('://') && !text.includes('=')) return text; // nearly every line
  return text.replace(credentials, '$1:***@').replace(passwordParameter, '$1***');
}

/** Removes what is configured as a secret from a text, as it stands in JSON and in URLs too. */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const written = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  if (written.length === 0) return (text) => text;
  const longestFirst = [...new Set(written)].sort((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(any, '***');
}

/** Is a field of this name a secret, whatever it holds? */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

const secretName = /pass(word|phrase)?$|secret|token|api[-_]?key|credential|private[-_]?key|authorization|cookie/i;
