/** A stretch of a column as a column, without copying: what a large result is cut into batches with. */
import type { Column } from '../stream/column.ts';

/** Row k of the result is row `first` + k. Valid as long as the column is. */
export function sliceColumn(column: Column, first: number, rows: number): Column {
  const end = first + rows;
  const valid = column.valid === null ? null : column.valid.subarray(first, end);
  switch (column.type) {
    case 'boolean':
      return { type: 'boolean', values: column.values.subarray(first, end), valid };
    case 'string': {
      const starts = column.starts.subarray(first, end);
      const ends = column.ends.subarray(first, end);
      return { type: 'string', bytes: column.bytes, starts, ends, valid };
    }
    case 'array': {
      const starts = column.starts.subarray(first, end);
      const lengths = column.lengths.subarray(first, end);
      return { type: 'array', starts, lengths, element: column.element, valid };
    }
    case 'struct': {
      const fields = column.fields.map((field) => sliceColumn(field, first, rows));
      return { type: 'struct', fields, valid };
    }
    default:
      return { type: column.type, values: column.values.subarray(first, end), valid };
  }
}
