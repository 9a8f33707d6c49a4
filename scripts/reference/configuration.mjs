// docs/reference/configuration.md, from the schemas of the environment.

import {
  databaseSettings,
  documentSettings,
  embeddedSettings,
  keySettings,
  operatorSettings,
  proxySettings,
  serviceSettings,
  tracingSettings,
  workSettings,
} from '@kiroku/service';
import { backupSettings, supervisorSettings } from '@kiroku/service/config';
import { clientServiceSettings } from '../../apps/client-service/dist/config.js';
import { commandServiceSettings } from '../../apps/command-service/dist/config.js';
import { paymentSimulatorSettings } from '../../apps/payment-simulator/dist/config.js';
import { queryServiceSettings } from '../../apps/query-service/dist/config.js';

const shared = new Set(
  [serviceSettings, proxySettings, databaseSettings, keySettings, workSettings, embeddedSettings].flatMap(({ shape }) =>
    Object.keys(shape),
  ),
);
const except = (settings, names) =>
  documentSettings({ shape: Object.fromEntries(Object.entries(settings.shape).filter(([name]) => !names.has(name))) });
const own = (settings) => except(settings, shared);

export const page = `# Configuration

Everything is configured through environment variables. They are read once, at the start; a process with a fault in them names every one of them and does not start. An empty variable counts as absent.

## All services

${except(serviceSettings, new Set(Object.keys(tracingSettings.shape)))}

## Traces

Read by every service; the names and their meaning are those of [OpenTelemetry](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). The exporter itself reads how its connection is compressed and secured: \`OTEL_EXPORTER_OTLP_COMPRESSION\`, \`OTEL_EXPORTER_OTLP_CERTIFICATE\`, \`…_CLIENT_CERTIFICATE\` and \`…_CLIENT_KEY\`. See [monitoring](../operations/monitoring.md#traces).

${documentSettings(tracingSettings)}

## Proxies

Read by the client service and the command service. See [audit log](../runbooks/audit.md).

${documentSettings(proxySettings)}

## Databases

Read by the command service, the query service and the command line; the client service needs the command database for its operations API, and all three for the part of it that is about projections. Without any of the URLs, \`npm start\` and \`kiroku up\` run an embedded PostgreSQL.

${documentSettings(databaseSettings)}

## Keys of personal data

Read by the command service, the query service, and wherever events are looked at or folded: \`--reveal\` and \`kiroku projection\` of the command line, and the operations API of the client service. See [personal data](../guides/personal-data.md).

${documentSettings(keySettings.omit({ KIROKU_DATA_DIR: true }))}

## Backups

Read by the command line, and by what \`kiroku up\` does by itself. A bucket's credentials are those of all tools of AWS: \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\` and \`AWS_SESSION_TOKEN\`, a profile, or the role of the machine. See [backup](../runbooks/backup.md).

${documentSettings(backupSettings)}

## Supervisor

Read by \`kiroku up\`. See [a service is down](../runbooks/service-down.md).

${documentSettings(supervisorSettings)}

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
