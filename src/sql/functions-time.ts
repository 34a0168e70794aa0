/** Functions of time, all in UTC. */
import { strict as assert } from 'node:assert';
import { nearest } from '../diagnostics/suggest.ts';
import { LONG, STRING, TIMESTAMP } from '../stream/schema.ts';
import { cast } from './cast.ts';
import {
  constantText,
  convert,
  type FunctionDefinition,
  fixed,
  isMisfit,
  misfit,
} from './function.ts';
import { type KernelFactory, numberColumn, numbers, texts } from './kernel.ts';
import { clearBeyondSafe } from './kernels-arithmetic.ts';
import { hours, truncateCalendar, truncateFixed } from './kernels-time.ts';
import { parseTimePattern, readTime } from './time-pattern.ts';
import { apply } from './typed.ts';

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;

/** Units of one length: the length, and where one of them begins. 1970-01-01 was a Thursday, weeks begin on Mondays. */
const FIXED_UNITS: ReadonlyMap<string, { readonly length: number; readonly origin: number }> =
  new Map([
    ['microsecond', { length: 1, origin: 0 }],
    ['millisecond', { length: 1000, origin: 0 }],
    ['second', { length: 1_000_000, origin: 0 }],
    ['minute', { length: 60_000_000, origin: 0 }],
    ['hour', { length: HOUR, origin: 0 }],
    ['day', { length: DAY, origin: 0 }],
    ['week', { length: 7 * DAY, origin: -3 * DAY }],
  ]);
/** Units of the calendar, in months. */
const CALENDAR_UNITS: ReadonlyMap<string, number> = new Map([
  ['month', 1],
  ['quarter', 3],
  ['year', 12],
]);
/** Spark's other names. */
const UNIT_ALIASES: ReadonlyMap<string, string> = new Map([
  ['dd', 'day'],
  ['mon', 'month'],
  ['mm', 'month'],
  ['yyyy', 'year'],
  ['yy', 'year'],
]);
const UNITS = [...FIXED_UNITS.keys(), ...CALENDAR_UNITS.keys()];

function unitOf(text: string): string {
  const unit = text.toLowerCase();
  return UNIT_ALIASES.get(unit) ?? unit;
}

const truncate: KernelFactory = ([{ value }]) => {
  assert(typeof value === 'string');
  const unit = unitOf(value);
  const fixedUnit = FIXED_UNITS.get(unit);
  const months = CALENDAR_UNITS.get(unit) ?? 1;
  return ([, at], rows, out) => {
    const { selection, selected } = rows;
    const values = out.numbers(rows.rows);
    if (fixedUnit === undefined) {
      truncateCalendar(values, numbers(at), months, selection, selected);
    } else {
      truncateFixed(values, numbers(at), fixedUnit.length, fixedUnit.origin, selection, selected);
    }
    // The beginning of the first unit lies before the first time there is.
    clearBeyondSafe(out.ownValidity(rows), values, selection, selected);
    return numberColumn(TIMESTAMP, values, out.valid);
  };
};
const DATE_TRUNC = { name: 'date_trunc', strict: true, factory: truncate };

const dateTrunc: FunctionDefinition = {
  name: 'date_trunc',
  signature: 'date_trunc(unit, timestamp): timestamp',
  doc: `The beginning of the unit that a time lies in; the unit is a constant: ${UNITS.join(', ')}.`,
  example: {
    text: "date_trunc('hour', TIMESTAMP '2026-01-01T15:30:00Z')",
    gives: "TIMESTAMP '2026-01-01T15:00:00Z'",
  },
  minArgs: 2,
  maxArgs: 2,
  build([unit, time]) {
    const name = constantText('date_trunc', 0, unit, 'unit');
    if (isMisfit(name)) return name;
    if (!UNITS.includes(unitOf(name.value))) {
      const near = nearest(name.value, UNITS);
      const hint =
        near === undefined ? `there are: ${UNITS.join(', ')}` : `did you mean '${near}'?`;
      return { argument: 0, message: `there is no unit '${name.value}'`, hint };
    }
    const at = convert(time, TIMESTAMP);
    if (at === undefined) return misfit('date_trunc', 1, TIMESTAMP, time.type);
    return apply(DATE_TRUNC, TIMESTAMP, [name, at], true);
  },
};

const hour = fixed(
  {
    name: 'hour',
    doc: 'The hour of the day of a time, 0 to 23.',
    example: { text: "hour(TIMESTAMP '2026-01-01T15:59:00Z')", gives: '15' },
    params: [TIMESTAMP],
    result: LONG,
  },
  () =>
    ([a], rows, out) => {
      const values = out.numbers(rows.rows);
      hours(values, numbers(a), rows.selection, rows.selected);
      return numberColumn(LONG, values, out.valid);
    },
);

/** The pattern is a constant, read once; a text that it does not take is NULL. */
const readTimes: KernelFactory = ([, { value }]) => {
  assert(typeof value === 'string');
  const parsed = parseTimePattern(value);
  assert('pattern' in parsed);
  const { pattern } = parsed;
  return ([a], rows, out) => {
    const { bytes, starts, ends } = texts(a);
    const { selection, selected } = rows;
    const values = out.numbers(rows.rows);
    const valid = out.ownValidity(rows);
    for (let k = 0; k < selected; k++) {
      const i = selection === null ? k : selection[k];
      if (valid[i] === 0) continue;
      const time = readTime(pattern, bytes, starts[i], ends[i]);
      if (Number.isNaN(time)) valid[i] = 0;
      else values[i] = time;
    }
    return numberColumn(TIMESTAMP, values, out.valid);
  };
};
const READ_TIME = { name: 'try_to_timestamp', strict: true, factory: readTimes };

const tryToTimestamp: FunctionDefinition = {
  name: 'try_to_timestamp',
  signature: 'try_to_timestamp(string[, pattern]): timestamp',
  doc: 'The time that a text says, NULL where it says none; the pattern is a constant such as yyyy-MM-dd HH:mm:ss, with MMM, SSS, XXX and xx, and UTC without an offset.',
  example: {
    text: "try_to_timestamp('01/Feb/2026:03:04:05 +0100', 'dd/MMM/yyyy:HH:mm:ss xx')",
    gives: "TIMESTAMP '2026-02-01T02:04:05Z'",
  },
  minArgs: 1,
  maxArgs: 2,
  build([from, as]) {
    const source = convert(from, STRING);
    if (source === undefined) return misfit('try_to_timestamp', 0, STRING, from.type);
    if (as === undefined) return cast(source, TIMESTAMP);
    const pattern = constantText('try_to_timestamp', 1, as, 'pattern');
    if (isMisfit(pattern)) return pattern;
    const parsed = parseTimePattern(pattern.value);
    if ('problem' in parsed) {
      const hint = "write a pattern like 'yyyy-MM-dd HH:mm:ss'";
      return { argument: 1, rule: 'pattern-not-supported', message: parsed.problem, hint };
    }
    return apply(READ_TIME, TIMESTAMP, [source, pattern], true);
  },
};

export const timeFunctions: readonly FunctionDefinition[] = [dateTrunc, hour, tryToTimestamp];
