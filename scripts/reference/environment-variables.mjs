// docs/operations/environment-variables.md: the variables of the schemas by subject. Only the subjects, and when to change what, are said here.

import { backupSettings, defaultOf, embeddedSettings, operatorSettings, settingDoc, supervisorSettings } from '@kiroku/service/config';
import { clientServiceSettings } from '../../apps/client-service/dist/config.js';
import { commandServiceSettings } from '../../apps/command-service/dist/config.js';
import { paymentSimulatorSettings } from '../../apps/payment-simulator/dist/config.js';
import { queryServiceSettings } from '../../apps/query-service/dist/config.js';
import { subjects } from './variables-by-subject.mjs';

const shapes = [
  clientServiceSettings,
  commandServiceSettings,
  queryServiceSettings,
  embeddedSettings,
  supervisorSettings,
  backupSettings,
  operatorSettings,
  paymentSimulatorSettings,
];
/** The first wins: what the simulator reads too is said as the services have it. */
const schemas = new Map(shapes.toReversed().flatMap(({ shape }) => Object.entries(shape)));

const named = subjects.flatMap(({ variables }) => Object.keys(variables));
const astray = [...schemas.keys()].filter((name) => named.filter((other) => other === name).length !== 1);
const unknown = named.filter((name) => !schemas.has(name));
if (astray.length + unknown.length > 0)
  throw new Error(
    `scripts/reference/variables-by-subject.mjs: give each a subject, once: ${astray.join(', ')}; there is no ${unknown.join(', ')}`,
  );

function row([name, when]) {
  const schema = schemas.get(name);
  const fallback = defaultOf(schema);
  return `| \`${name}\` | ${settingDoc(schema).description} | ${when} | ${fallback === undefined ? '' : `\`${fallback}\``} |`;
}

const section = ({ subject, text, variables }) =>
  `## ${subject}\n\n${text === undefined ? '' : `${text}\n\n`}| Variable | Is for | Change it | Default |\n|---|---|---|---|\n${Object.entries(variables).map(row).join('\n')}`;

export const page = `# Environment variables

By subject, for those who operate. What each may be, and which program reads it: [configuration](../reference/configuration.md). \`kiroku up\` passes its own environment on to the services it starts, and sets the ports, the URLs of databases and services, the key directory and the log files itself. A change takes effect with the next start: \`kiroku restart\` keeps the variables that \`kiroku up\` was started with.

${subjects.map(section).join('\n\n')}

## The guide's names

| The guide | Here |
|---|---|
| \`DATABASE_URL\` | \`DATABASE_URL\`; or one URL for each database: \`EVENT_STORE_DATABASE_URL\`, \`COMMAND_DATABASE_URL\`, \`QUERY_DATABASE_URL\` |
| \`SECRET_KEY_BASE\` | \`SECRET_KEY_BASE\`: the keys of personal data are wrapped with it. Keep it for as long as they are needed |
| \`API_KEY\` | not there yet: there is no access control, so \`HOST\` takes loopback addresses alone |
| \`max-size\`, \`max-file\` of the logging driver | \`LOG_FILE_MAX_MB\`, \`LOG_FILES\` |
| \`server …;\` of nginx's upstream | \`QUERY_SERVICE_URL\` |
| \`BACKUP_DIR\` | \`BACKUP_URL\` |
| \`POSTGRES_REPLICATION_MODE\`, \`POSTGRES_MASTER_HOST\`, \`POSTGRES_REPLICATION_USER\`, \`POSTGRES_REPLICATION_PASSWORD\`, \`REPLICATION_PASSWORD\`, \`PRIMARY_REGION_HOST\` | not there yet; PostgreSQL's own replication, set up by hand, needs none of them |
`;
