import { join } from 'node:path';
import type { Installation } from '@kiroku/operations';
import { freePorts } from '../shop/free-ports.ts';

export interface TestInstallation {
  readonly root: string;
  /** Default: in the root. */
  readonly dataDirectory?: string;
  readonly databases?: Installation['databases'];
  readonly backup: Pick<Installation['backup'], 'repository'> & Partial<Installation['backup']>;
}

/** An installation without services and read models. */
export async function testInstallation({ root, dataDirectory, databases, backup }: TestInstallation): Promise<Installation> {
  const [port = 0] = databases === undefined ? await freePorts(1) : [];
  return {
    root,
    config: { name: 'test', application: { name: 'test', aggregates: [], projections: [], processManagers: [] }, services: [] },
    dataDirectory: dataDirectory ?? join(root, 'data'),
    host: '127.0.0.1',
    postgresPort: port,
    databases,
    ports: {},
    stopTimeoutMs: 1_000,
    backup: {
      besideData: false,
      method: 'auto',
      pgbackrest: { stanzas: [] },
      schedule: undefined,
      drillSchedule: undefined,
      keepDays: 30,
      archiveTimeoutSeconds: 60,
      ...backup,
    },
    operator: { name: 'ada', source: 'test' },
    environment: {},
  };
}
