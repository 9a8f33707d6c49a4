import { CronPattern } from 'croner';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/**
 * The five fields of a crontab as `OnCalendar=` of systemd (systemd.time(7)). Two, if days of the month and weekdays are both restricted: a crontab then
 * means either.
 */
export function onCalendar(schedule: string): readonly string[] {
  const pattern = new CronPattern(schedule, undefined, { mode: '5-part' });
  const { starDOM, starDOW } = pattern;
  const [month, day] = [listed(pattern.month, 1), listed(pattern.day, 1)];
  const time = `${listed(pattern.hour, 0)}:${listed(pattern.minute, 0)}:00`;
  const onDays = `*-${month}-${day} ${time}`;
  const names = weekdays.filter((_, index) => pattern.dayOfWeek[index] !== 0).join(',');
  const onWeekdays = `${names} *-${month}-* ${time}`;
  if (starDOW) return [onDays];
  return starDOM ? [onWeekdays] : [onDays, onWeekdays];
}

function listed(marks: readonly number[], first: number): string {
  const marked = marks.flatMap((mark, index) => (mark !== 0 ? [String(index + first).padStart(2, '0')] : []));
  return marked.length === marks.length ? '*' : marked.join(',');
}
