// docs/reference/configuration.md, from the schemas of the environment.

import {
  databaseSettings,
  documentSettings,
  embeddedSettings,
  keySettings,
  operatorSettings,
  proxySettings,
  serviceSettings,
  workSettings,
} from '@kiroku/service';
import { clientServiceSettings } from '../../apps/client-service/dist/config.js';
import { commandServiceSettings } from '../../apps/command-service/dist/config.js';
import { paymentSimulatorSettings } from '../../apps/payment-simulator/dist/config.js';
import { queryServiceSettings } from '../../apps/query-service/dist/config.js';

const shared = new Set(
  [serviceSettings, proxySettings, databaseSettings, keySettings, workSettings, embeddedSettings].flatMap(({ shape }) =>
    Object.keys(shape),
  ),
);
const own = (settings) =>
  documentSettings({ shape: Object.fromEntries(Object.entries(settings.shape).filter(([name]) => !shared.has(name))) });

export const page = `# Configuration

Everything is configured through environment variables. They are read once, at the start; a process with a fault in them names every one of them and does not start. An empty variable counts as absent.

## All services

${documentSettings(serviceSettings)}

## Proxies

Read by the client service and the command service. See [audit log](../runbooks/audit.md).

${documentSettings(proxySettings)}

## Databases

Read by the command service, the query service and the command line; the client service needs the command database for its operations API, and all three for the part of it that is about projections. Without any of the URLs, \`npm start\` and \`kiroku up\` run an embedded PostgreSQL.

${documentSettings(databaseSettings)}

## Keys of personal data

Read by the command service, the query service, and wherever events are looked at or folded: \`--reveal\` and \`kiroku projection\` of the command line, and the operations API of the client service. See [personal data](../guides/personal-data.md).

${documentSettings(keySettings)}

## Background work

Read by the client service, the command service and the command line. See [monitoring](../operations/monitoring.md).

${documentSettings(workSettings)}

## Client service (GraphQL gateway)

${own(clientServiceSettings)}

## Command service

${own(commandServiceSettings)}

## Query service

${own(queryServiceSettings)}

## Payment simulator

Stands in for a payment service and a carrier. Its behaviour is set while it runs: \`PUT /behaviour\`.

${own(paymentSimulatorSettings)}

## Embedded PostgreSQL

${documentSettings(embeddedSettings)}

## Command line

${documentSettings(operatorSettings)}
`;
