// From "://" on: to look for the scheme before it tries each letter of a long word anew, 7 s for 64 KB without a blank. The user part may be kept: it
// says which role a connection uses. The password may hold "@", so it ends at the last one before the host.
const credentials = /(:\/\/[^\s:/?#"'@]*):[^\s"'/]*@/g;
const passwordParameter = /([?&](?:password|sslpassword|token|api_key|access_token)=)[^&\s"']*/gi;
const secretName = /pass(word|phrase)?$|secret|token|api[-_]?key|credential|private[-_]?key|authorization|cookie/i;

/** A text without the passwords of its URLs: `postgres://ada:***@db/x`. Takes time in proportion to its length. */
export function withoutPasswords(text: string): string {
  if (!text.includes('://') && !text.includes('=')) return text; // nearly every line of a log
  return text.replace(credentials, '$1:***@').replace(passwordParameter, '$1***');
}

/** Is a field of this name a secret, whatever it holds? */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}
