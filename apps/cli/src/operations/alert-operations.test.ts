import { expect, test } from 'vitest';
import { whoWatches } from './alert-operations.ts';

test('only the gateway is asked for alerts, and all services if none is called that', () => {
  const [shop, gateway] = [{ service: 'command-service' }, { service: 'client-service' }];
  expect(whoWatches([shop, gateway])).toEqual([gateway]);
  expect(whoWatches([shop, { service: 'bff' }])).toEqual([shop, { service: 'bff' }]);
});
