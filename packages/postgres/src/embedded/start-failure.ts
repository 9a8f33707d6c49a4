import { KirokuError } from '@kiroku/core';

/** Why the server ended while starting, from the last lines of its log. */
export function startFailure(log: string, { port, logFile }: { readonly port: number; readonly logFile: string }): KirokuError {
  if (/could not bind|Address already in use/.test(log)) return portTaken(port);
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /\b(FATAL|PANIC|error):/.test(line)) ?? lines.at(-1) ?? 'it gave no reason';
  const reason = telling.replace(/^.*\b(?:FATAL|PANIC|error): +/, '').replace(/\.$/, '');
  return new KirokuError('DatabaseUnavailable', `The embedded PostgreSQL did not start: ${reason}. Its log is ${logFile}.`, {
    details: { log },
  });
}

export function portTaken(port: number): KirokuError {
  return new KirokuError(
    'ConfigurationInvalid',
    `Port ${port} of the embedded PostgreSQL is taken by another program (\`lsof -i :${port}\` or \`ss -ltnp\` names it). Stop that, or set POSTGRES_PORT to a free port.`,
    { details: { port } },
  );
}

/** The processes of a killed server may need a moment to notice; starting again helps. */
export function stillEnding(log: string): boolean {
  return /pre-existing shared memory block/.test(log);
}
