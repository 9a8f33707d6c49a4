/** The three databases. Each may be a server of its own. */
export const databaseNames = ['event_store', 'command_db', 'query_db'] as const;
export type DatabaseName = (typeof databaseNames)[number];
