/** Removes what is configured as a secret from a text, as it stands in JSON and in URLs too. */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const written = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  if (written.length === 0) return (text) => text;
  const longestFirst = [...new Set(written)].sort((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(any, '***');
}
