/** Columns without rows, for fields that nobody reads: the type is there, the memory is not. */
import assert from 'node:assert';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';

const NO_BYTES = new Uint8Array(0);
const NO_INDEXES = new Int32Array(0);
const NO_NUMBERS = new Float64Array(0);

export function emptyColumn(type: DataType): Column {
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean', values: NO_BYTES, valid: null };
    case 'string':
      return { type: 'string', bytes: NO_BYTES, starts: NO_INDEXES, ends: NO_INDEXES, valid: null };
    case 'array': {
      const element = emptyColumn(type.element);
      return { type: 'array', starts: NO_INDEXES, lengths: NO_INDEXES, element, valid: null };
    }
    case 'struct': {
      const fields = type.fields.map((field) => emptyColumn(field.type));
      return { type: 'struct', fields, valid: null };
    }
    case 'map':
      assert.fail('there are no map columns');
      break;
    default:
      return { type: type.kind, values: NO_NUMBERS, valid: null };
  }
}
