import type { Logger } from '@kiroku/service';
import type { Mail } from './reminders.ts';

/** In place of a client for a mail service. */
export function pretendMail(logger: Logger): Mail {
  return { remind: async (memberId, key) => logger.info({ memberId, key }, 'a member is reminded') };
}
