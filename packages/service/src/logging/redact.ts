// The user part may be kept: it says which role a connection uses. The password may hold "@", so it ends at the last one before the host.
const credentials = /([a-z][a-z0-9+.-]*:\/\/[^\s:/?#"'@]*):[^\s"'/]*@/gi;
const passwordParameter = /([?&](?:password|sslpassword|token|api_key|access_token)=)[^&\s"']*/gi;

/** Removes passwords from the URLs in a text. */
export function withoutCredentials(text: string): string {
  return text.replace(credentials, '$1:***@').replace(passwordParameter, '$1***');
}

/** Fields that are never written, wherever they stand in the first two levels of a log entry. */
export const secretFields: readonly string[] = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'API_KEY',
  'SECRET_KEY_BASE',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
