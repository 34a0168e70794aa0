/** JSON to columns. A value of the wrong type becomes NULL where it stands. */
import { strict as assert } from 'node:assert';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { EARLIEST, LATEST, MICROS_PER_SECOND } from '../stream/time.ts';
import { longOf, timestampOf } from './cast-text.ts';
import type { Json } from './json-value.ts';
import { booleanColumn, numberColumn } from './kernel.ts';
import type { Scratch } from './scratch.ts';

/** No value: a field that is missing, or NULL. */
type Found = Json | undefined;

/** Numbers that JSON has no digits for, in the spellings that are read. */
const ODD_DOUBLES: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ...['Infinity', '+Infinity', 'INF', '+INF'].map((s) => [s, Number.POSITIVE_INFINITY] as const),
  ...['-Infinity', '-INF'].map((s) => [s, Number.NEGATIVE_INFINITY] as const),
]);

function numberIn({ kind, text }: Json, type: DataType): number | undefined {
  if (type.kind === 'double') {
    if (kind === 'number') return Number(text);
    return kind === 'string' ? ODD_DOUBLES.get(text) : undefined;
  }
  if (kind === 'number') {
    const whole = longOf(text);
    if (whole === undefined || type.kind === 'long') return whole;
    const time = whole * MICROS_PER_SECOND;
    return time >= EARLIEST && time <= LATEST ? time : undefined;
  }
  return kind === 'string' && type.kind === 'timestamp' ? timestampOf(text) : undefined;
}

/** The values as a column of a type, row for row. */
export function columnOf(values: readonly Found[], type: DataType, out: Scratch): Column {
  const count = values.length;
  const valid = out.validity(count);
  out.used = 0;
  for (let i = 0; i < count; i++) valid[i] = fits(values[i], type) ? 1 : 0;
  switch (type.kind) {
    case 'string': {
      const [starts, ends] = [out.starts(count), out.ends(count)];
      for (let i = 0; i < count; i++) {
        starts[i] = out.used;
        if (valid[i] === 1) out.appendText(values[i]?.text ?? '');
        ends[i] = out.used;
      }
      return { type: 'string', bytes: out.bytes, starts, ends, valid };
    }
    case 'boolean': {
      const flags = out.flags(count);
      for (let i = 0; i < count; i++) flags[i] = values[i]?.text === 'true' ? 1 : 0;
      return booleanColumn(flags, valid);
    }
    case 'array': {
      const [starts, lengths] = [out.starts(count), out.ends(count)];
      const elements: Found[] = [];
      for (let i = 0; i < count; i++) {
        starts[i] = elements.length;
        if (valid[i] === 1) for (const item of values[i]?.items ?? []) elements.push(item);
        lengths[i] = elements.length - starts[i];
      }
      const element = columnOf(elements, type.element, out.part(0));
      return { type: 'array', starts, lengths, element, valid };
    }
    case 'struct': {
      const fields = type.fields.map((field, nth) =>
        columnOf(
          values.map((value) => fieldOf(value, field.name)),
          field.type,
          out.part(nth),
        ),
      );
      return { type: 'struct', fields, valid };
    }
    case 'map':
      return assert.fail('there are no columns of maps');
    default: {
      const numbers = out.numbers(count);
      for (let i = 0; i < count; i++) {
        const value = values[i];
        const number = value === undefined ? undefined : numberIn(value, type);
        numbers[i] = number ?? 0;
        valid[i] = number === undefined ? 0 : 1;
      }
      return numberColumn(type, numbers, valid);
    }
  }
}

/** Whether a value is one of the type; numbers are looked at when they are read. Any is a text, as it was written. */
function fits(value: Found, type: DataType): boolean {
  if (value === undefined || value.kind === 'null') return false;
  if (type.kind === 'boolean' || type.kind === 'array') return value.kind === type.kind;
  if (type.kind === 'struct') return value.kind === 'object';
  return true;
}

/** Of fields of one name the last. */
function fieldOf(value: Found, name: string): Found {
  return value?.items[value.keys.lastIndexOf(name)];
}
