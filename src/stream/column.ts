/**
 * Typed columns. Arrays may be longer than the batch has rows (they are scratch, reused); only rows
 * 0..rows-1 mean anything. The value under a NULL is arbitrary but legal, so kernels need not branch
 * on validity. Everything is valid until the call that received it returns; keep by copying.
 */
/** One byte a row, 1 = present, 0 = NULL. null: no row is NULL, and no kernel looks. */
export type Validity = Uint8Array | null;

export interface BooleanColumn {
  readonly type: 'boolean';
  readonly values: Uint8Array; // 0 or 1
  readonly valid: Validity;
}

/** long: safe integers only (|v| <= 2^53 - 1), never -0. timestamp, interval: microseconds. */
export interface NumberColumn {
  readonly type: 'long' | 'double' | 'timestamp' | 'interval';
  readonly values: Float64Array;
  readonly valid: Validity;
}

/** Byte ranges into one byte area; always valid UTF-8. */
export interface StringColumn {
  readonly type: 'string';
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly valid: Validity;
}

/** Row i holds elements starts[i] .. starts[i] + lengths[i] - 1 of the child. */
export interface ArrayColumn {
  readonly type: 'array';
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly element: Column;
  readonly valid: Validity;
}

/** Children in the order of the struct's fields, row for row. */
export interface StructColumn {
  readonly type: 'struct';
  readonly fields: readonly Column[];
  readonly valid: Validity;
}

export type Column = BooleanColumn | NumberColumn | StringColumn | ArrayColumn | StructColumn;
