/** What the manifest of a small backup says, for tests that keep some. */
export function sampleManifest() {
  const database = { bytes: 1, schemaVersion: 1 };
  return {
    method: 'embedded' as const,
    startedAt: '2026-01-01T02:00:00.000Z',
    finishedAt: '2026-01-01T02:00:05.000Z',
    kirokuVersion: '0.1.0',
    postgresVersion: '17.10',
    application: 'test',
    databases: { event_store: database, command_db: database, query_db: database },
    head: { log: 'a', timeline: 1, position: 1, hash: '0'.repeat(64) },
    keys: false,
  };
}
