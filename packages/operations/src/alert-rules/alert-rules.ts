import type { AlertRule } from './rule.ts';
import { backgroundRules } from './rules/background.ts';
import { hostRules } from './rules/host.ts';
import { readModelRules } from './rules/read-models.ts';
import { requestRules } from './rules/requests.ts';
import { safetyRules } from './rules/safety.ts';
import { serviceRules } from './rules/services.ts';

/** A family of alerts. */
export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** Every alert there is. The files for Prometheus are made of them, and `kiroku alerts` works them out by itself. */
export const alertGroups: readonly AlertGroup[] = [
  { name: 'services', rules: serviceRules },
  { name: 'requests', rules: requestRules },
  { name: 'read-models', rules: readModelRules },
  { name: 'background', rules: backgroundRules },
  { name: 'safety', rules: safetyRules },
  { name: 'host', rules: hostRules },
];

export const alertRules: readonly AlertRule[] = alertGroups.flatMap(({ rules }) => rules);
