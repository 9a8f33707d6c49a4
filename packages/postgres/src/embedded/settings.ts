/** What the server's configuration depends on. */
export interface ServerSettings {
  readonly port: number;
  readonly socketDirectory: string;
  /** Of the machine, in bytes. */
  readonly memory: number;
  /** Off only in tests: a crash of the machine, not of the server, may then corrupt data. */
  readonly durable: boolean;
  /** Default: every segment of the write-ahead log counts as kept. */
  readonly archiveCommand?: string;
  readonly archiveTimeoutSeconds?: number;
}

const mebibyte = 1024 * 1024;

/** The text of the configuration file that is written at every start and included by postgresql.conf. */
export function renderSettings(server: ServerSettings): string {
  const { port, socketDirectory, memory, durable, archiveCommand = '/bin/true', archiveTimeoutSeconds = 0 } = server;
  const sharedBuffers = Math.round(Math.min(Math.max(memory / mebibyte / 8, 128), 1024));
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: socketDirectory,
    max_connections: 200,
    shared_buffers: `${sharedBuffers}MB`,
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    // in a log larger than memory, pages are written back by the background writer, not by the one that holds the append lock and needs room
    bgwriter_delay: '20ms',
    bgwriter_lru_maxpages: 1000,
    bgwriter_lru_multiplier: 4,
    wal_level: 'replica',
    wal_log_hints: 'on',
    // archiving is on from the start, because switching it on later needs a restart; an empty command would keep WAL for ever
    archive_mode: 'on',
    archive_command: archiveCommand,
    archive_timeout: archiveTimeoutSeconds,
    shared_preload_libraries: 'pg_stat_statements',
    track_io_timing: 'on',
    // statements are short here: compiling them costs more than it saves
    jit: 'off',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%u@%d ',
    cluster_name: 'kiroku',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quote(value)}`);
  return `# Written by Kiroku at every start. Put your own settings into postgresql.auto.conf: alter system set … = …\n${lines.join('\n')}\n`;
}

/** Where the socket goes: `.s.PGSQL.<port>` under it may have 107 bytes in all. */
export function socketFits(directory: string): boolean {
  return Buffer.byteLength(`${directory}/.s.PGSQL.65535`) <= 107;
}

function quote(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
