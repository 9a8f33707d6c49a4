/** Where pgBackRest keeps what it takes. */
export type PgBackRestRepository =
  | { readonly type: 'posix'; readonly path: string }
  | {
      readonly type: 's3';
      readonly bucket: string;
      readonly path: string;
      readonly endpoint: string;
      readonly region: string;
      readonly key: string;
      readonly keySecret: string;
    };

/** One server that pgBackRest looks after. */
export interface Stanza {
  readonly name: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly port: number;
  /** A superuser that may connect by the socket as the server's own account. */
  readonly user: string;
}

export interface PgBackRestConfig {
  readonly repository: PgBackRestRepository;
  /** Encrypts the repository. */
  readonly key?: string;
  /** For locks and what is on its way, absolute. */
  readonly workDirectory: string;
  /** Days that a full backup, and the WAL since, is kept. */
  readonly keepDays: number;
  readonly stanzas: readonly Stanza[];
}

/** The text of pgBackRest's configuration file. It has secrets: only the server's account may read it. */
export function renderPgBackRestConfig({ repository, key, workDirectory, keepDays, stanzas }: PgBackRestConfig): string {
  const global: Record<string, string | number> = {
    ...repositoryOptions(repository),
    ...(key === undefined ? {} : { 'repo1-cipher-type': 'aes-256-cbc', 'repo1-cipher-pass': key }),
    // many small files are kept as few, and of large ones only what changed
    'repo1-bundle': 'y',
    'repo1-block': 'y',
    'repo1-retention-full-type': 'time',
    'repo1-retention-full': keepDays,
    'compress-type': 'zst',
    'compress-level': 3,
    // a checkpoint at once, not within `checkpoint_timeout`
    'start-fast': 'y',
    delta: 'y',
    'process-max': 2,
    'log-level-file': 'off',
    'lock-path': `${workDirectory}/lock`,
    'spool-path': `${workDirectory}/spool`,
  };
  const sections = stanzas.map(({ name, dataDirectory, socketDirectory, port, user }) =>
    section(name, { 'pg1-path': dataDirectory, 'pg1-socket-path': socketDirectory, 'pg1-port': port, 'pg1-user': user }),
  );
  return `# Written by \`kiroku backup continuous enable\`.\n${[section('global', global), ...sections].join('\n')}`;
}

function repositoryOptions(repository: PgBackRestRepository): Record<string, string> {
  if (repository.type === 'posix') return { 'repo1-path': repository.path };
  const { bucket, path, endpoint, region, key, keySecret } = repository;
  const secure = !endpoint.startsWith('http://');
  return {
    'repo1-type': 's3',
    'repo1-path': path,
    'repo1-s3-bucket': bucket,
    'repo1-s3-endpoint': endpoint,
    'repo1-s3-region': region,
    'repo1-s3-key': key,
    'repo1-s3-key-secret': keySecret,
    'repo1-s3-uri-style': 'path',
    ...(!secure && { 'repo1-storage-verify-tls': 'n' }),
  };
}

function section(name: string, options: Record<string, string | number>): string {
  const lines = Object.entries(options).map(([option, value]) => `${option}=${value}`);
  return `[${name}]\n${lines.join('\n')}\n`;
}
