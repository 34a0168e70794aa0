/**
 * The columns in which an aggregate keeps its running values, one slot a group. The engine owns and
 * grows them; an aggregate's kernels read and write them by group id.
 */
export type AccumulatorKind = 'number' | 'flag' | 'bytes';

export type Accumulator =
  | { readonly kind: 'number'; values: Float64Array } // 0 in a new group
  | { readonly kind: 'flag'; values: Uint8Array } // 0 in a new group
  | { readonly kind: 'bytes'; values: (Uint8Array | null)[] }; // null in a new group
