/** Dependencies point inward (ARCHITECTURE.md, "Who may import whom"). One rule per line of that table. */
const sources = '^(packages|domains|apps)/';
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: sources, pathNot: [from, ...allowed.map((folder) => `^${folder}/`)] },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('core-imports-nothing-of-ours', '^packages/core/', [], 'core is the vocabulary'),
    only('engine-imports-core', '^packages/engine/', ['packages/core'], 'the engine runs over ports, never over PostgreSQL'),
    only('postgres-imports-core', '^packages/postgres/', ['packages/core'], 'an adapter never sees the engine'),
    only('testing-imports-core', '^packages/testing/', ['packages/core'], 'contract suites know the ports alone'),
    only('service-imports-core', '^packages/service/', ['packages/core'], 'what services share knows no adapter'),
    only(
      'operations-imports',
      '^packages/operations/',
      ['packages/core', 'packages/engine', 'packages/postgres'],
      'verbs join engine and adapter',
    ),
    only('domains-import-core', '^domains/', ['packages/core'], 'a domain is pure'),
    only('cli-imports', '^apps/cli/', ['packages'], 'the CLI learns the application from its config'),
    only('command-service-imports', '^apps/command-service/', ['packages', 'domains'], 'apps never import apps'),
    only('query-service-imports', '^apps/query-service/', ['packages', 'domains'], 'apps never import apps'),
    only('client-service-imports', '^apps/client-service/', ['packages/core', 'packages/service', 'domains'], 'the gateway talks HTTP'),
    {
      name: 'pure-code-has-no-io',
      severity: 'error',
      comment: 'core and domains: no Node built-ins but digests, no database, no HTTP',
      from: { path: '^(packages/core|domains)/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: [sources, 'node_modules/(zod|@standard-schema)/', '^(node:)?crypto$'] },
    },
    {
      name: 'no-testing-in-products',
      severity: 'error',
      from: { path: sources, pathNot: ['\\.test\\.ts$', '^packages/testing/'] },
      to: { path: '^packages/testing/' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.tests.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@kiroku/source', 'import', 'node', 'default'] },
  },
};
