import * as z from 'zod';

/** A UUID of any version, in lower case, so that one id never names two streams. */
export const id = z.uuid('must be a UUID').toLowerCase();
