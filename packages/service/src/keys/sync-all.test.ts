import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { syncAll } from './sync-all.ts';

test('what cannot be synced is told by its index, and what waits for its turn is synced nevertheless', async () => {
  const files = Array.from({ length: 10 }, () => openSync(fileURLToPath(import.meta.url), 'r'));
  const device = openSync(devNull, 'r'); // which has nothing to sync
  try {
    const fault = expect.objectContaining({ code: 'EINVAL' });
    const all = await Promise.all([syncAll([device, ...files, device]), syncAll(files), syncAll([])]);
    expect(all.map((faults) => [...faults].sort())).toEqual([
      [
        [0, fault],
        [11, fault],
      ],
      [],
      [],
    ]);
  } finally {
    for (const each of [device, ...files]) closeSync(each);
  }
});
