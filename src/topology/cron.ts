/**
 * The times of a schedule as its author writes them: five fields, or six with seconds before them. A cron is
 * read into the values that each field allows; which instants these are in a time zone is `cron-times.ts`'.
 */

export interface Cron {
  /** Values allowed, rising. */
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 31. */
  readonly days: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** Both days and weekdays are restricted: then a day of either kind will do, as everywhere in cron. */
  readonly eitherDay: boolean;
}

/** What is wrong with a cron, and which part of its text that is about. */
export interface CronProblem {
  readonly problem: string;
  readonly hint: string | undefined;
  /** Half-open range of the text. */
  readonly span: readonly [start: number, end: number];
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** For values from `min` on. */
  readonly words: readonly string[];
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');

const SECOND: Field = { name: 'second', min: 0, max: 59, words: [] };
const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of the month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of the week', min: 0, max: 7, words: WEEKDAYS },
];

/** Shorthands of other programs, and what they stand for. */
const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

export function parseCron(text: string): Cron | CronProblem {
  const parts = Array.from(text.matchAll(/\S+/g), (match) => ({
    text: match[0],
    at: match.index,
  }));
  if (parts.length !== 5 && parts.length !== 6) return wrongCount(text, parts.length);
  const fields = parts.length === 6 ? [SECOND, ...FIELDS] : FIELDS;
  const sets: (readonly number[])[] = parts.length === 6 ? [] : [[0]];
  for (const [i, part] of parts.entries()) {
    const values = parseField(part.text, fields[i]);
    if ('problem' in values) {
      const [start, end] = values.span;
      return { ...values, span: [part.at + start, part.at + end] };
    }
    sets.push(values);
  }
  const [seconds, minutes, hours, days, months, weekdays] = sets;
  const isOpen = (index: number): boolean => parts[parts.length - index].text.startsWith('*');
  return {
    seconds,
    minutes,
    hours,
    days,
    months,
    weekdays: [...new Set(weekdays.map((day) => day % 7))].sort((a, b) => a - b),
    eitherDay: !isOpen(3) && !isOpen(1),
  };
}

function wrongCount(text: string, count: number): CronProblem {
  const span = [0, text.length] as const;
  const meant = SHORTHANDS.get(text.trim().toLowerCase());
  if (meant !== undefined) {
    return { problem: `"${text}" is a shorthand`, hint: `write "${meant}"`, span };
  }
  return {
    problem: `a cron has five fields, or six with seconds, and this has ${count === 0 ? 'none' : count}`,
    hint: 'minute, hour, day of the month, month, day of the week: "15 2 * * *" is 02:15 every day',
    span,
  };
}

/** One field: ranges and steps, with commas in between. Spans are of the field's text. */
function parseField(text: string, field: Field): readonly number[] | CronProblem {
  const values = new Set<number>();
  let at = 0;
  for (const part of text.split(',')) {
    const found = parsePart(part, field);
    if ('problem' in found) {
      return { ...found, span: [at, at + Math.max(1, part.length)] };
    }
    for (let value = found.from; value <= found.to; value += found.step) values.add(value);
    at += part.length + 1;
  }
  return [...values].sort((a, b) => a - b);
}

function parsePart(
  part: string,
  field: Field,
):
  | { readonly from: number; readonly to: number; readonly step: number }
  | Omit<CronProblem, 'span'> {
  const { name, min, max } = field;
  const [range, stepText, ...more] = part.split('/');
  const [first, last, ...others] = range.split('-');
  const whole = first === '*' && last === undefined;
  const from = whole ? min : fieldValue(first, field);
  const to = whole
    ? Math.min(max, name === 'day of the week' ? 6 : max)
    : fieldValue(last ?? first, field);
  if (more.length > 0 || others.length > 0 || from === undefined || to === undefined) {
    return { problem: `"${part}" is no ${name}`, hint: hintFor(part, field) };
  }
  if (from > to) {
    const hint = `write the two ends apart: ${first}-${max},${min}-${last}`;
    return { problem: `"${range}" begins after its end`, hint };
  }
  if (stepText === undefined) return { from, to, step: 1 };
  if (!whole && last === undefined) {
    return {
      problem: `"${part}" has a step and no end`,
      hint: `write ${first}-${max}/${stepText}`,
    };
  }
  const step = /^[0-9]{1,2}$/.test(stepText) ? Number(stepText) : 0;
  if (step === 0) {
    const hint = 'a step is a whole number from 1 on: */15';
    return { problem: `"${part}" is no ${name}`, hint };
  }
  return { from, to, step };
}

/** @returns undefined: it is no value of this field */
function fieldValue(text: string, { min, max, words }: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return min + word;
  const value = /^[0-9]{1,2}$/.test(text) ? Number(text) : -1;
  return value >= min && value <= max ? value : undefined;
}

function hintFor(part: string, { name, min, max, words }: Field): string {
  if (/[LW#?]/.test(part)) {
    return 'L, W, # and ? of other schedulers are not known here: name days by number, or write *';
  }
  const named = words.length === 0 ? '' : `, or ${words[0]} to ${words[words.length - 1]}`;
  return `${name === 'hour' ? 'an' : 'a'} ${name} is ${min} to ${max}${named}; also *, */5, 1-3 and 1,15`;
}
