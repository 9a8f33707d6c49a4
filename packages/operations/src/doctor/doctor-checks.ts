import { archive } from './checks/archive.ts';
import { builds } from './checks/builds.ts';
import { clock } from './checks/clock.ts';
import { consumers } from './checks/consumers.ts';
import { disks } from './checks/disks.ts';
import { jobs } from './checks/jobs.ts';
import { keys } from './checks/keys.ts';
import { leases } from './checks/leases.ts';
import { migrations } from './checks/migrations.ts';
import { moments } from './checks/moments.ts';
import { orphans } from './checks/orphans.ts';
import { partitions } from './checks/partitions.ts';
import { processManagers } from './checks/process-managers.ts';
import { readModels } from './checks/read-models.ts';
import { rights } from './checks/rights.ts';
import { settings } from './checks/settings.ts';
import { snapshots } from './checks/snapshots.ts';
import type { DoctorCheck } from './patient.ts';

/** In the order in which they are made: what others need comes first, and rebuilding read models, which takes long, after what waits for a word. */
export const doctorChecks: readonly DoctorCheck[] = [
  migrations,
  rights,
  partitions,
  jobs,
  processManagers,
  orphans,
  consumers,
  snapshots,
  moments,
  leases,
  readModels,
  builds,
  settings,
  clock,
  disks,
  archive,
  keys,
];
