/** Between one value and a column: the same value in every row, and the value of one row. */
import { strict as assert } from 'node:assert';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { decode, encode } from './scratch.ts';
import type { Value } from './typed.ts';

/** @returns `rows` rows of `value`, NULL included; arrays and structs can only be NULL */
export function constantColumn(type: DataType, value: Value, rows: number): Column {
  const valid = value === null ? new Uint8Array(rows) : null;
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean', values: new Uint8Array(rows).fill(value === true ? 1 : 0), valid };
    case 'string': {
      const bytes = encode(typeof value === 'string' ? value : '');
      const ends = new Int32Array(rows).fill(bytes.length);
      return { type: 'string', bytes, starts: new Int32Array(rows), ends, valid };
    }
    case 'array': {
      assert(value === null);
      const element = constantColumn(type.element, null, 0);
      const [starts, lengths] = [new Int32Array(rows), new Int32Array(rows)];
      return { type: 'array', starts, lengths, element, valid };
    }
    case 'struct': {
      assert(value === null);
      const fields = type.fields.map((field) => constantColumn(field.type, null, rows));
      return { type: 'struct', fields, valid };
    }
    case 'map':
      assert.fail('there are no columns of maps');
      break;
    default: {
      const values = new Float64Array(rows).fill(typeof value === 'number' ? value : 0);
      return { type: type.kind, values, valid };
    }
  }
}

/** The value of a row of a column of single values. */
export function valueAt(column: Column, row: number): Value {
  if (column.valid !== null && column.valid[row] === 0) return null;
  switch (column.type) {
    case 'boolean':
      return column.values[row] === 1;
    case 'string':
      return decode(column.bytes, column.starts[row], column.ends[row]);
    case 'array':
    case 'struct':
      return assert.fail('an array or struct is no single value');
    default:
      return column.values[row];
  }
}
