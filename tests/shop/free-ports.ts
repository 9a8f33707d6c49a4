import { createServer, type Server } from 'node:net';

/** Ports nobody listens on now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = await Promise.all(Array.from({ length: count }, listen));
  const ports = probes.map(portOf);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => resolve(probe));
  });
}

function portOf(probe: Server): number {
  const address = probe.address();
  if (typeof address !== 'object' || address === null) throw new Error('The probe does not listen.');
  return address.port;
}
