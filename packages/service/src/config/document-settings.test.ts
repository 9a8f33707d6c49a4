import { expect, it } from 'vitest';
import { documentSettings } from './document-settings.ts';
import { databaseSettings, embeddedSettings, keySettings, serviceSettings } from './shared-settings.ts';

it('every shared variable says what it means and what it may be', () => {
  for (const settings of [serviceSettings, databaseSettings, keySettings, embeddedSettings]) {
    const rows = documentSettings(settings).split('\n').slice(2);
    expect(rows).toHaveLength(Object.keys(settings.shape).length);
    for (const row of rows) expect(row).toMatch(/^\| `[A-Z_]+` \| \S.{10,} \| \S.+ \| .*\|$/);
  }
});
