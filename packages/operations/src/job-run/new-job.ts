import { type NewJob, withoutPasswords } from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../config/operator.ts';

/** A job that an operator wants: from its creation the audit log says who, why and what. */
export function newJob({ name, reason, source }: Operator, wanted: Pick<NewJob, 'verb' | 'arguments' | 'requires'>): NewJob {
  return {
    id: uuidv7(),
    ...wanted,
    createdBy: name,
    ...(reason !== undefined && { reason: withoutPasswords(reason) }),
    ...(source !== undefined && { source }),
  };
}
