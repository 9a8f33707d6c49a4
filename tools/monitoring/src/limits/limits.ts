import { backgroundLimits } from './background.ts';
import { hostLimits } from './host.ts';
import type { Limit } from './limit.ts';
import { readModelLimits } from './read-models.ts';
import { requestLimits } from './requests.ts';
import { safetyLimits } from './safety.ts';
import { serviceLimits } from './services.ts';

/** Of every alert. */
export const limits: readonly Limit[] = [
  ...serviceLimits,
  ...requestLimits,
  ...readModelLimits,
  ...backgroundLimits,
  ...safetyLimits,
  ...hostLimits,
];
