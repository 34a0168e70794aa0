/** Functions of time, all in UTC. */
import { strict as assert } from 'node:assert';
import { nearest } from '../diagnostics/suggest.ts';
import { LONG, STRING, TIMESTAMP } from '../stream/schema.ts';
import { MICROS_PER_MS, MICROS_PER_SECOND } from '../stream/time.ts';
import { cast } from './cast.ts';
import {
  constantText,
  convert,
  type FunctionDefinition,
  fixed,
  isMisfit,
  type Misfit,
  misfit,
  type Named,
} from './function.ts';
import { type KernelFactory, numberColumn, numbers, texts } from './kernel.ts';
import { clearBeyondSafe } from './kernels-arithmetic.ts';
import { datesCut, truncateCalendar, truncateFixed, unitsOf, unitsSince } from './kernels-time.ts';
import { TIMES } from './operations.ts';
import {
  parseTimeParts,
  parseTimePattern,
  readTime,
  writeTime,
  writtenSize,
} from './time-pattern.ts';
import { apply, constant } from './typed.ts';

const MINUTE = 60 * MICROS_PER_SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Units of one length: the length, and where one of them begins. 1970-01-01 was a Thursday, weeks begin on Mondays. */
const FIXED_UNITS: ReadonlyMap<string, { readonly length: number; readonly origin: number }> =
  new Map([
    ['microsecond', { length: 1, origin: 0 }],
    ['millisecond', { length: MICROS_PER_MS, origin: 0 }],
    ['second', { length: MICROS_PER_SECOND, origin: 0 }],
    ['minute', { length: MINUTE, origin: 0 }],
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

/** A whole number that a time has. */
function part(
  { name, doc, example }: Named,
  loop: (out: Float64Array, a: Float64Array, selection: Int32Array | null, count: number) => void,
): FunctionDefinition {
  return fixed(
    { name, doc, example, params: [TIMESTAMP], result: LONG },
    () =>
      ([a], rows, out) => {
        const values = out.numbers(rows.rows);
        loop(values, numbers(a), rows.selection, rows.selected);
        return numberColumn(LONG, values, out.valid);
      },
  );
}

const AFTERNOON = "(TIMESTAMP '2026-02-03T15:45:59.75Z')";

function ofAfternoon(name: string, doc: string, gives: string): Named {
  return { name, doc, example: { text: name + AFTERNOON, gives } };
}

function clockPart(spec: Named, size: number, modulus: number): FunctionDefinition {
  return part(spec, (out, a, selection, count) =>
    unitsOf(out, a, size, modulus, 0, selection, count),
  );
}

function datePart(spec: Named, divisor: number, modulus: number): FunctionDefinition {
  return part(spec, (out, a, selection, count) =>
    datesCut(out, a, divisor, modulus, selection, count),
  );
}

function unixTime(spec: Named, size: number): FunctionDefinition {
  return part(spec, (out, a, selection, count) => unitsSince(out, a, size, selection, count));
}

const dayOfWeek = part(
  ofAfternoon('dayofweek', 'The day of the week of a time, 1 (Sunday) to 7 (Saturday).', '3'),
  (out, a, selection, count) => {
    // 1970-01-01 was a Thursday: the fifth day, counted from 0 here.
    unitsOf(out, a, DAY, 7, 4, selection, count);
    for (let k = 0; k < count; k++) out[selection === null ? k : selection[k]] += 1;
  },
);

function patternMisfit(message: string): Misfit {
  const hint = "write a pattern like 'yyyy-MM-dd HH:mm:ss'";
  return { argument: 1, rule: 'pattern-not-supported', message, hint };
}

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
    if ('problem' in parsed) return patternMisfit(parsed.problem);
    return apply(READ_TIME, TIMESTAMP, [source, pattern], true);
  },
};

/** The pattern is a constant, read once. */
const writeTimes: KernelFactory = ([, { value }]) => {
  assert(typeof value === 'string');
  const parsed = parseTimeParts(value);
  assert('pattern' in parsed);
  const { pattern } = parsed;
  const size = writtenSize(pattern);
  return ([a], rows, out) => {
    const times = numbers(a);
    const [starts, ends] = [out.starts(rows.rows), out.ends(rows.rows)];
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      starts[i] = out.used;
      out.makeRoom(size);
      out.used = writeTime(pattern, times[i], out.bytes, out.used);
      ends[i] = out.used;
    }
    return out.textColumn(rows.rows);
  };
};
const DATE_FORMAT = { name: 'date_format', strict: true, factory: writeTimes };

const dateFormat: FunctionDefinition = {
  name: 'date_format',
  signature: 'date_format(timestamp, pattern): string',
  doc: 'A time in UTC as text; the pattern is a constant such as yyyy-MM-dd HH:mm:ss, with M, d, H, m, s, MMM, SSS, XXX and quoted text.',
  example: {
    text: "date_format(TIMESTAMP '2026-02-01T03:04:05Z', 'd.M.yyyy HH:mm')",
    gives: "'1.2.2026 03:04'",
  },
  minArgs: 2,
  maxArgs: 2,
  build([time, as]) {
    const at = convert(time, TIMESTAMP);
    if (at === undefined) return misfit('date_format', 0, TIMESTAMP, time.type);
    const pattern = constantText('date_format', 1, as, 'pattern');
    if (isMisfit(pattern)) return pattern;
    const parsed = parseTimeParts(pattern.value);
    if ('problem' in parsed) return patternMisfit(parsed.problem);
    return apply(DATE_FORMAT, STRING, [at, pattern]);
  },
};

/** A time by whole units since 1970; NULL beyond the times there are. */
function timeOf(name: string, example: string, size: number): FunctionDefinition {
  return {
    name,
    signature: `${name}(long): timestamp`,
    doc: `The time so many ${size === 1 ? 'microseconds' : 'milliseconds'} after the beginning of 1970, UTC.`,
    example: { text: example, gives: "TIMESTAMP '2026-01-01T00:00:00Z'" },
    minArgs: 1,
    maxArgs: 1,
    build([number]) {
      const node = convert(number, LONG);
      if (node === undefined) return misfit(name, 0, LONG, number.type);
      return apply(TIMES, TIMESTAMP, [node, constant(LONG, size)], size > 1 || node.nullable);
    },
  };
}

const timestampSeconds: FunctionDefinition = {
  name: 'timestamp_seconds',
  signature: 'timestamp_seconds(long or double): timestamp',
  doc: 'The time so many seconds after the beginning of 1970, UTC; NULL where there is none.',
  example: { text: 'timestamp_seconds(1767225600)', gives: "TIMESTAMP '2026-01-01T00:00:00Z'" },
  minArgs: 1,
  maxArgs: 1,
  build([{ node, type }]) {
    if (node === undefined) return constant(TIMESTAMP, null);
    if (type.kind !== 'long' && type.kind !== 'double') {
      return misfit('timestamp_seconds', 0, LONG, type);
    }
    return cast(node, TIMESTAMP);
  },
};

export const timeFunctions: readonly FunctionDefinition[] = [
  dateTrunc,
  datePart(ofAfternoon('year', 'The year of a time.', '2026'), 10_000, 10_000),
  datePart(ofAfternoon('month', 'The month of a time, 1 to 12.', '2'), 100, 100),
  datePart(ofAfternoon('day', 'The day of the month of a time, 1 to 31.', '3'), 1, 100),
  clockPart(ofAfternoon('hour', 'The hour of the day of a time, 0 to 23.', '15'), HOUR, 24),
  clockPart(ofAfternoon('minute', 'The minute of the hour of a time, 0 to 59.', '45'), MINUTE, 60),
  clockPart(
    ofAfternoon('second', 'The whole second of the minute of a time, 0 to 59.', '59'),
    MICROS_PER_SECOND,
    60,
  ),
  dayOfWeek,
  dateFormat,
  tryToTimestamp,
  unixTime(
    ofAfternoon('unix_seconds', 'Whole seconds since the beginning of 1970, UTC.', '1770133559'),
    MICROS_PER_SECOND,
  ),
  unixTime(
    ofAfternoon(
      'unix_millis',
      'Whole milliseconds since the beginning of 1970, UTC.',
      '1770133559750',
    ),
    MICROS_PER_MS,
  ),
  unixTime(
    ofAfternoon(
      'unix_micros',
      'Microseconds since the beginning of 1970, UTC.',
      '1770133559750000',
    ),
    1,
  ),
  timestampSeconds,
  timeOf('timestamp_millis', 'timestamp_millis(1767225600000)', MICROS_PER_MS),
  timeOf('timestamp_micros', 'timestamp_micros(1767225600000000)', 1),
];
