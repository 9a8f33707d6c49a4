// A drill: the newest backup restored to a scratch place, every digest and the chain of the log recomputed, a read model verified, compared with what is in
// use, removed. The median of three. DRILL_EVENTS sets the size.
import { openRepository } from '@kiroku/backup';
import { connectionUrls, createBackup, type DrillReport, drill } from '@kiroku/operations';
import Table from 'cli-table3';
import { backedUpShop } from './backed-up-shop.ts';
import { runJob } from './orders.ts';
import { placedOrders } from './orders-application.ts';

const events = Number(process.env.DRILL_EVENTS ?? 1_000_000);
const rounds = 3;

await using shop = await backedUpShop(events, [placedOrders]);
const urls = await connectionUrls(shop.installation, 'superuser');
await runJob(urls, 'projection rebuild', { projections: [{ name: placedOrders.name, version: 1 }], maxLagSeconds: 0 });
const repository = await openRepository(shop.installation.backup.repository);
await createBackup(shop.installation, { repository });

const table = new Table({ head: ['', 'whole drill, s', 'until it can be read, s', 'until it is proven, s', 'rows'] });
const taken: number[] = [];
for (let round = 1; round <= rounds; round++) {
  const startedAt = performance.now();
  const report = await drill(shop.installation, { repository, keysIn: () => ({ findKey: () => Promise.resolve(undefined) }) as never }); // nothing personal
  taken.push((performance.now() - startedAt) / 1_000);
  table.push([round, ...figures(report)]);
}
process.stdout.write(`Node ${process.version}, ${events.toLocaleString('en')} events\n${table.toString()}\n`);
process.stdout.write(`a drill takes ${taken.toSorted((a, b) => a - b)[1]?.toFixed(1)} s\n`);

function figures({ succeeded, faults, recoverySeconds, rtoSeconds, projections }: DrillReport): readonly string[] {
  if (!succeeded) throw new Error(faults.join(' '));
  const rows = projections.reduce((sum, projection) => sum + projection.rows, 0);
  return [taken.at(-1), recoverySeconds, rtoSeconds].map((seconds) => seconds?.toFixed(1) ?? '?').concat(rows.toLocaleString('en'));
}
