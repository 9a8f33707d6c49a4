import type { Installation } from '@kiroku/operations';
import { installationIn, onlyWhenAsked } from '../../packages/operations/src/config/installation.test-service.ts';
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
  return installationIn(root, {
    ...(dataDirectory !== undefined && { dataDirectory }),
    postgresPort: port,
    databases,
    backup: { ...onlyWhenAsked, ...backup },
  });
}
