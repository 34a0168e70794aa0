/** One value of a column as a person reads it: timestamps to the microsecond, text in quotes, nothing lost. */
import { Buffer } from 'node:buffer';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import { formatInstant } from '../stream/time.ts';

/** @param type of the column: it knows the names of a struct */
export function columnText(column: Column, type: DataType, row: number): string {
  if (column.valid !== null && column.valid[row] === 0) return 'NULL';
  switch (column.type) {
    case 'boolean':
      return String(column.values[row] === 1);
    case 'long':
    case 'double':
    case 'interval':
      return Object.is(column.values[row], -0) ? '-0' : String(column.values[row]);
    case 'timestamp':
      return formatInstant(column.values[row]);
    case 'string':
      return JSON.stringify(
        Buffer.from(column.bytes.subarray(column.starts[row], column.ends[row])).toString('utf8'),
      );
    case 'array': {
      const element = type.kind === 'array' ? type.element : type;
      const items = Array.from({ length: column.lengths[row] }, (_, i) =>
        columnText(column.element, element, column.starts[row] + i),
      );
      return `[${items.join(', ')}]`;
    }
    case 'struct': {
      const fields = type.kind === 'struct' ? type.fields : [];
      const items = fields.map(
        (field, i) => `${field.name}: ${columnText(column.fields[i], field.type, row)}`,
      );
      return `{${items.join(', ')}}`;
    }
  }
}
