import { once } from 'node:events';
import { createServer } from 'node:net';
import { KirokuError } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';

/** Throws `ConfigurationInvalid` if two processes are given the same port. */
export function requireDistinctPorts({
  config,
  ports,
  postgresPort,
  databases,
}: Pick<Installation, 'config' | 'ports' | 'postgresPort' | 'databases'>): void {
  const wanted = config.services.map(({ name, port, portVariable }) => ({ port: ports[name] ?? port, variable: portVariable }));
  if (databases === undefined) wanted.push({ port: postgresPort, variable: 'POSTGRES_PORT' });
  const shared = wanted.find(({ port }, index) => wanted.findIndex((other) => other.port === port) !== index);
  if (shared === undefined) return;
  const variables = wanted.filter(({ port }) => port === shared.port).map(({ variable }) => variable);
  throw new KirokuError(
    'ConfigurationInvalid',
    `${variables.join(' and ')} have the same port, ${shared.port}, but each process needs one of its own. Set them to different ports.`,
    { details: { ports: [shared.port] } },
  );
}

/** Throws `ConfigurationInvalid` that names every port of a service that another program listens on. */
export async function requireFreePorts({ config, host, ports }: Installation): Promise<void> {
  const checked = await Promise.all(
    config.services.map(async ({ name, port, portVariable }) => {
      const wanted = ports[name] ?? port;
      return { name, portVariable, port: wanted, free: await isFree(host, wanted) };
    }),
  );
  const taken = checked.filter(({ free }) => !free);
  const [first] = taken;
  if (first === undefined) return;
  const list = taken.map(({ port, name }) => `${port} (${name})`).join(', ');
  const variables = taken.map(({ portVariable }) => portVariable).join(', ');
  throw new KirokuError(
    'ConfigurationInvalid',
    `${taken.length === 1 ? `Port ${list} is` : `Ports ${list} are`} taken by another program (\`lsof -i :${first.port}\` or \`ss -ltnp\` names it). Stop that, or set ${variables} to a free port.`,
    { details: { ports: taken.map(({ port }) => port) } },
  );
}

async function isFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    probe.close();
  }
}
