// A process that rebuilds read models, to be killed. It takes the job that is named, and ends with it.

import { runClaimedJob } from '@kiroku/engine';
import { jobDefinitions, openRebuildStores, providedCode } from '@kiroku/operations';
import { InMemoryKeyStore, ledger } from '@kiroku/testing';

const { REBUILD_URLS, REBUILD_JOB, REBUILD_OWNER, REBUILD_LEASE_MS } = process.env;
const urls = JSON.parse(REBUILD_URLS);
const application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };
const keys = new InMemoryKeyStore();
const leaseMs = Number(REBUILD_LEASE_MS);
process.on('disconnect', () => process.exit());

const stores = openRebuildStores(urls, { application, applicationName: 'kiroku-tests', keys });
const definitions = jobDefinitions(urls, { application, keys });
const verbs = definitions.map(({ verb }) => verb);
for (;;) {
  const claim = { owner: REBUILD_OWNER, leaseMs, verbs, provides: providedCode(application), id: REBUILD_JOB };
  const job = await stores.jobs.claim(claim);
  if (job === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    continue;
  }
  const definition = definitions.find(({ verb }) => verb === job.verb);
  await runClaimedJob(job, definition, { store: stores.jobs, leaseMs, tickMs: 50 });
}
