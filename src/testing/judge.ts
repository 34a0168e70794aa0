/** Records that came against those a test expects: the sentence, and the rows that show the difference. */
import type { Expected } from '../topology/topology-test.ts';
import type { Arrival } from './exits.ts';
import { match } from './matching.ts';
import type { DiffRow } from './outcome.ts';
import { sameRecord } from './same.ts';

export interface Verdict {
  readonly message: string;
  readonly rows: readonly DiffRow[];
  readonly columns: readonly string[];
}

/** @returns undefined: it is as expected */
export function judge(expected: Expected, came: readonly Arrival[]): Verdict | undefined {
  const { records, ordered } = expected;
  const fits = (one: number, other: number): boolean =>
    sameRecord(records[one], came[other].record, expected);
  const { pairs, missing, surplus } = match(records.length, came.length, ordered, fits);
  if (missing.length === 0 && surplus.length === 0) return undefined;
  const rows: DiffRow[] = [
    ...pairs.map(([, other]): DiffRow => ({ sign: '=', record: came[other].record })),
    ...missing.map((one): DiffRow => ({ sign: '-', record: records[one] })),
    ...surplus.map(
      (other): DiffRow => ({ sign: '+', record: came[other].record, step: came[other].step }),
    ),
  ];
  const unordered = ordered && match(records.length, came.length, false, fits);
  const message =
    unordered && unordered.missing.length === 0 && unordered.surplus.length === 0
      ? 'the records came in another order'
      : differs(records.length, missing.length, surplus.length);
  return { message, rows, columns: columnsOf(expected, came) };
}

/** The fields that are compared; all there are, where no field is named or none may be left out. */
function columnsOf({ records, exact }: Expected, came: readonly Arrival[]): readonly string[] {
  const columns = new Set(records.flatMap((record) => [...record.keys()]));
  if (columns.size === 0 || exact) {
    for (const { record } of came) for (const name of record.keys()) columns.add(name);
  }
  return [...columns];
}

function differs(expected: number, missing: number, surplus: number): string {
  if (expected === 0) return `${surplus} came where none was expected`;
  if (missing === 0) return `${surplus} more came than the ${expected} expected`;
  if (surplus === 0) return `${missing} of ${expected} did not come`;
  return `${missing} of ${expected} ${missing === 1 ? 'differs' : 'differ'}`;
}
