// A process that rebuilds read models, to be killed. It takes the job that is named, and ends with it. Told to, it kills itself at a step.

import { runClaimedJob } from '@kiroku/engine';
import { jobDefinitions, openRebuildStores, providedCode } from '@kiroku/operations';
import { PostgresReadModelBuilds } from '@kiroku/postgres';
import { InMemoryKeyStore, ledger } from '@kiroku/testing';

const { REBUILD_URLS, REBUILD_JOB, REBUILD_OWNER, REBUILD_LEASE_MS, REBUILD_DIES } = process.env;
const urls = JSON.parse(REBUILD_URLS);
const application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };
const keys = new InMemoryKeyStore();
const leaseMs = Number(REBUILD_LEASE_MS);
process.on('disconnect', () => process.exit());

const die = () => process.kill(process.pid, 'SIGKILL');
if (REBUILD_DIES !== undefined) {
  const [when, step] = REBUILD_DIES.split(' ');
  const carryOut = PostgresReadModelBuilds.prototype[step];
  PostgresReadModelBuilds.prototype[step] = async function (...given) {
    if (when === 'before') die();
    if (when === 'amid') given[1] = Object.fromEntries(Object.entries(given[1]).map(([table, pages]) => [table, cutShort(pages)]));
    const result = await carryOut.apply(this, given);
    if (when === 'after') die();
    return result;
  };
}

/** Dies when the first rows are on their way to the database. */
async function* cutShort(pages) {
  for await (const page of pages) {
    yield page;
    die();
  }
}

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
