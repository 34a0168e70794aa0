/** When a vehicle's program is started, and what its end leads to, in sentences. */
import { formatDuration } from '../stream/time.ts';
import { type Cron, parseCron } from './cron.ts';
import type { Schedule, Vehicle, Wake } from './topology.ts';

const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
/** `1,2,3,4,5` */
const WORKDAYS = '1,2,3,4,5';
const OF_A_MINUTE = 60;
const OF_A_DAY = 24;

export function beginWords({ schedule, wake }: Vehicle): readonly string[] {
  if (schedule === null && wake === null) return ['Begins a run when the roundabout is started.'];
  return [
    ...(schedule === null ? [] : scheduleSentences(schedule)),
    ...(wake === null ? [] : [wakeSentence(wake)]),
  ];
}

/** What follows an end that was none of its own wish, or any. */
export function endWords({ schedule, restart, wake }: Vehicle): readonly string[] {
  const { policy, initial, max, giveUpAfter } = restart;
  const runs = schedule !== null || wake !== null;
  if (policy === 'never') return ['When it fails it is not started again.'];
  const pause =
    initial >= max
      ? formatDuration(initial)
      : `${formatDuration(initial)}, then twice as long each time, up to ${formatDuration(max)}`;
  const what = runs ? 'a run that failed is repeated under its number' : 'it is started again';
  const when = policy === 'always' ? 'However it ends' : 'When it ends with anything but 0';
  const vain = runs && schedule !== null ? ', until it is time for the next' : '';
  return [
    `${when}, ${what} after ${pause}.`,
    ...(giveUpAfter === null
      ? []
      : [
          `After ${giveUpAfter} ${giveUpAfter === 1 ? 'start' : 'starts'} in vain it stays down${vain}.`,
        ]),
  ];
}

function scheduleSentences({ cron, timezone, overlap, missed, timeout }: Schedule): string[] {
  const late = {
    skip: 'If the run before it has not ended then, it is left out.',
    queue: 'If the run before it has not ended then, it begins when that has; one at most waits.',
    kill: 'If the run before it has not ended then, that is ended first.',
  }[overlap];
  return [
    `Begins a run ${cronWords(cron)} in ${timezone}.`,
    late,
    missed === 'run_once'
      ? 'What was missed while the roundabout was down is made up for by one run.'
      : 'What was missed while the roundabout was down is left out.',
    ...(timeout === null
      ? []
      : [`A run that takes longer than ${formatDuration(timeout)} has failed.`]),
  ];
}

function wakeSentence({ afterRecords, after }: Wake): string {
  const enough = [
    ...(afterRecords === null ? [] : [`${afterRecords} records wait for it`]),
    ...(after === null ? [] : [`one has waited for ${formatDuration(after)}`]),
  ];
  return `Begins a run when ${enough.join(', or ')}, and leaves by itself.`;
}

/** `every day at 02:15`; where no such words are shorter than the cron, the cron. */
export function cronWords(text: string): string {
  const cron = parseCron(text);
  const as = `by the cron "${text}"`;
  if ('problem' in cron) return as;
  const { seconds, minutes, hours, months, days } = cron;
  if (seconds.length !== 1 || seconds[0] !== 0 || months.length < 12 || days.length < 31) return as;
  const [minute] = minutes;
  const day = dayWords(cron);
  if (day === undefined) return as;
  if (minutes.length === 1 && hours.length === 1) {
    return `${day} at ${twoDigits(hours[0])}:${twoDigits(minute)}`;
  }
  if (hours.length < OF_A_DAY || day !== 'every day') return as;
  if (minutes.length === 1) return minute === 0 ? 'every hour' : `every hour at minute ${minute}`;
  const step = minutes[1] - minute;
  const even = minute === 0 && minutes.every((one, i) => one === i * step);
  if (!even || minutes.length * step !== OF_A_MINUTE) return as;
  return step === 1 ? 'every minute' : `every ${step} minutes`;
}

function dayWords({ weekdays }: Cron): string | undefined {
  if (weekdays.length === WEEKDAYS.length) return 'every day';
  if (weekdays.join() === WORKDAYS) return 'every day from Monday to Friday';
  return weekdays.length === 1 ? `every ${WEEKDAYS[weekdays[0]]}` : undefined;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
