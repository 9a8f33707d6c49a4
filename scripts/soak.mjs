// `npm run soak`: the tests that kill processes at random, as long as `npm test` cannot afford: 500 kills of projections, then twelve minutes
// (KIROKU_SOAK_MINUTES) of orders. About half an hour. `npm run soak -- tests/chaos/killed-processes` runs one of them.
process.env.KIROKU_SOAK = '1';
if (process.argv.length === 2) process.argv.push('tests/chaos/killed-projections', 'tests/chaos/killed-processes');
await import('./vitest.mjs');
