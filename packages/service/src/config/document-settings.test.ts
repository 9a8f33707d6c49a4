import { expect, it } from 'vitest';
import { backupSettings } from './backup-settings.ts';
import { documentSettings } from './document-settings.ts';
import { databaseSettings, embeddedSettings, keySettings, serviceSettings } from './shared-settings.ts';

it('every shared variable says what it means and what it may be', () => {
  for (const settings of [serviceSettings, databaseSettings, keySettings, embeddedSettings, backupSettings]) {
    const rows = documentSettings(settings).split('\n').slice(2);
    expect(rows).toHaveLength(Object.keys(settings.shape).length);
    for (const row of rows) expect(row).toMatch(/^\| `[A-Z0-9_]+` \| \S.{10,} \| \S.+ \| .*\|$/);
  }
});
