/** How a program of PostgreSQL is told where to connect to: the password goes by the environment, because everybody can read arguments. */
export function toolConnection(url: string): { readonly uri: string; readonly env: Readonly<Record<string, string>> } {
  const shown = new URL(url);
  const { password } = shown;
  shown.password = '';
  return { uri: shown.href, env: password === '' ? {} : { PGPASSWORD: decodeURIComponent(password) } };
}
