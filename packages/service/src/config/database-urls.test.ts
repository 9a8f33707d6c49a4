import { describe, expect, it } from 'vitest';
import { databaseUrls } from './database-urls.ts';

describe('the URLs of the databases', () => {
  it('are databases on the server of DATABASE_URL, whatever database that names', () => {
    expect(databaseUrls({ DATABASE_URL: 'postgres://me:pw@db:5433/postgres?sslmode=require' })).toEqual({
      event_store: 'postgres://me:pw@db:5433/event_store?sslmode=require',
      command_db: 'postgres://me:pw@db:5433/command_db?sslmode=require',
      query_db: 'postgres://me:pw@db:5433/query_db?sslmode=require',
    });
  });

  it('are their own where given', () => {
    const urls = databaseUrls({ DATABASE_URL: 'postgres://a', QUERY_DATABASE_URL: 'postgres://replica/read' });
    expect(urls.query_db).toBe('postgres://replica/read');
  });

  it('are asked for by name when missing', () => {
    expect(() => databaseUrls({ QUERY_DATABASE_URL: 'postgres://a/b' })).toThrow(/EVENT_STORE_DATABASE_URL.*\n.*COMMAND_DATABASE_URL/);
  });
});
