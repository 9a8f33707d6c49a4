/** Fields of errors that hold what a statement or a client sent: rows of PostgreSQL, bytes of a socket. */
const contents = ['detail', 'where', 'internalQuery', 'query', 'parameters', 'rawPacket', 'body'];
/** Said apart from an error's own fields. */
const apart = ['name', 'message', 'stack', 'cause', 'errors'];
const omitted = new Set([...contents, ...apart]);

/** An error as fields: what it says, where, with its own fields and what caused it, but nothing of the rows or bytes that it was about. */
export function describeError(error: Error): Record<string, unknown> {
  const own = Object.fromEntries(Object.entries(error).filter(([name]) => !omitted.has(name)));
  const { name, message, stack, cause } = error;
  return {
    ...own,
    type: name === 'Error' ? error.constructor.name : name,
    message,
    stack,
    ...(cause !== undefined && { cause }),
    ...(error instanceof AggregateError && { errors: error.errors }),
  };
}
