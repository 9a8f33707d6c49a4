/** The status of what follows the log as fields of a line. Its name stands under what it is the name of: `name` may be a personal field of an event. */
export function loggedStatus({ name, ...status }: { readonly name: string }, of: 'projection' | 'processManager'): object {
  return { [of]: name, ...status };
}
