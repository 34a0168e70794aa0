/**
 * What tells records of one time apart where lines of lanes are behind them: lane, then line. Records that were made
 * of one line have both in common; whoever sorts leaves those in the order in which they stand.
 */
import assert from 'node:assert';
import { constantColumn } from '../sql/constant-column.ts';
import type { Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import { type DataType, LONG, STRING } from '../stream/schema.ts';
import type { InputStream } from './operator.ts';

/** @returns the types of `linesOf` */
export function lineTypes({ stateless }: InputStream): readonly DataType[] {
  return stateless ? [STRING, LONG] : [];
}

/** @returns the lane and the line of each row; nothing where those are gone */
export function linesOf(
  { stateless }: InputStream,
  { lane, sequence, rows }: Batch,
): readonly Column[] {
  if (!stateless) return [];
  assert(lane !== undefined, 'records of lanes have one');
  return [constantColumn(STRING, lane, rows), { type: 'long', values: sequence, valid: null }];
}
