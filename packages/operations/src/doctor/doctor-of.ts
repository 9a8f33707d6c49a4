import { join } from 'node:path';
import type { JudgesKeyFiles, KeyStore } from '@kiroku/core';
import { judgesOf } from '../backup-keys/key-content.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import { clusterDirectories } from './cluster-directories.ts';
import type { DoctorOptions } from './patient.ts';

/** What the doctor works on in an installation: all of it. Throws `ConfigurationInvalid` if there was never a start. */
export async function doctorOf(installation: Installation, keys: KeyStore & Partial<JudgesKeyFiles>): Promise<DoctorOptions> {
  const { config, applicationModule, operator, dataDirectory, databases, backup } = installation;
  const urls = {
    service: await connectionUrls(installation, 'service'),
    maintenance: await connectionUrls(installation, 'maintenance'),
    owner: await connectionUrls(installation, 'superuser'),
  };
  const { place } = backup.repository;
  return {
    urls,
    application: config.application,
    ...(applicationModule !== undefined && { applicationModule }),
    keys,
    ...(keys.judge !== undefined && { keyFiles: { directory: keyDirectory(installation), judges: judgesOf(keys) } }),
    operator,
    directories: {
      ...(databases === undefined && (await clusterDirectories(join(dataDirectory, 'postgres')))),
      'data directory': dataDirectory,
      logs: join(dataDirectory, 'logs'),
      ...(!place.startsWith('s3://') && { backups: place }),
    },
  };
}
