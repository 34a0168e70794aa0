/**
 * Aggregates that collect values: every one (`collect_list`, `percentile`) or the different ones (`collect_set`,
 * `count(DISTINCT x)`). What they keep of a group grows with its records. NULL is not collected.
 */
import { strict as assert } from 'node:assert';
import type { ArrayColumn, Column, Validity } from '../stream/column.ts';
import { type DataType, DOUBLE, LONG } from '../stream/schema.ts';
import { type Accumulator, type ValuesAccumulator, valuesOf } from './accumulator.ts';
import { type AggregateDefinition, isNumber } from './aggregate.ts';
import type { Grouped } from './aggregates-kernels.ts';
import {
  type Collected,
  DistinctNumbers,
  DistinctTexts,
  NumberValues,
  Rows,
  TextValues,
} from './collected.ts';
import { numberColumn, numbers, texts } from './kernel.ts';
import { describeType, isComparable } from './type.ts';

function collectNumbers(
  { values: kept }: ValuesAccumulator,
  values: Float64Array,
  valid: Validity,
  { rows, count, ids }: Grouped,
): void {
  const n = count | 0;
  for (let k = 0; k < n; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    const id = ids[row];
    kept[id] ??= new NumberValues();
    const own = kept[id];
    assert(own instanceof NumberValues);
    own.push(values[row]);
  }
}

function collectDistinct(
  { values: kept, seed }: ValuesAccumulator,
  column: Column,
  { rows, count, ids }: Grouped,
): void {
  const { valid } = column;
  const isText = column.type === 'string';
  for (let k = 0; k < count; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    kept[ids[row]] ??= isText ? new DistinctTexts(seed) : new DistinctNumbers(seed);
    const own = kept[ids[row]];
    if (own instanceof DistinctTexts) {
      const { bytes, starts, ends } = texts(column);
      own.add(bytes, starts[row], ends[row]);
    } else {
      assert(own instanceof DistinctNumbers && 'values' in column);
      own.add(column.values[row]);
    }
  }
}

function collectRows(
  { values: kept }: ValuesAccumulator,
  columns: readonly Column[],
  { rows, count, ids }: Grouped,
): void {
  const [{ valid }] = columns;
  const isText = columns.map(({ type }) => type === 'string');
  for (let k = 0; k < count; k++) {
    const row = rows === null ? k : rows[k];
    if (valid !== null && valid[row] === 0) continue;
    kept[ids[row]] ??= new Rows(isText);
    const own = kept[ids[row]];
    assert(own instanceof Rows);
    own.add(columns, row);
  }
}

/** Takes the values of other groups over as copies: those may go on growing. */
function mergeCollected(
  kept: readonly Accumulator[],
  from: readonly Accumulator[],
  { rows, count, ids }: Grouped,
): void {
  const { values: into, seed } = valuesOf(kept[0]);
  const { values: others } = valuesOf(from[0]);
  for (let k = 0; k < count; k++) {
    const row = rows === null ? k : rows[k];
    const other = others[row];
    if (other === null) continue;
    into[ids[row]] ??= emptyLike(other, seed);
    const own = into[ids[row]];
    if (own instanceof NumberValues && other instanceof NumberValues) own.pushAll(other);
    else if (own instanceof DistinctNumbers && other instanceof DistinctNumbers) own.addAll(other);
    else if (own instanceof DistinctTexts && other instanceof DistinctTexts) own.addAll(other);
    else {
      assert(own instanceof Rows && other instanceof Rows);
      own.addAll(other);
    }
  }
}

function emptyLike(other: Collected, seed: number): Collected {
  if (other instanceof NumberValues) return new NumberValues();
  if (other instanceof DistinctNumbers) return new DistinctNumbers(seed);
  if (other instanceof DistinctTexts) return new DistinctTexts(seed);
  assert(other instanceof Rows);
  return other.empty();
}

/** Values of one group, and the order in which they leave; null: there is none. */
type Listed = { readonly values: NumberValues | TextValues; readonly order: Int32Array } | null;

function sorted(count: number, order: (a: number, b: number) => number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i).sort(order);
}

/** @param type of an element */
function arraysOf(lists: readonly Listed[], type: DataType): ArrayColumn {
  const starts = new Int32Array(lists.length);
  const lengths = new Int32Array(lists.length);
  let total = 0;
  for (const [id, list] of lists.entries()) {
    starts[id] = total;
    lengths[id] = list === null ? 0 : list.order.length;
    total += lengths[id];
  }
  const element =
    type.kind === 'string' ? textElements(lists, total) : numberElements(lists, total, type);
  return { type: 'array', starts, lengths, element, valid: null };
}

function numberElements(lists: readonly Listed[], total: number, type: DataType): Column {
  const all = new Float64Array(total);
  let next = 0;
  for (const list of lists) {
    if (list === null) continue;
    assert(list.values instanceof NumberValues);
    const { values } = list.values;
    for (const at of list.order) all[next++] = values[at];
  }
  if (type.kind !== 'boolean') return numberColumn(type, all, null);
  return { type: 'boolean', values: Uint8Array.from(all), valid: null };
}

function textElements(lists: readonly Listed[], total: number): Column {
  const starts = new Int32Array(total);
  const ends = new Int32Array(total);
  const whole = lists.flatMap((list) => (list === null ? [] : [list]));
  const sizes = whole.map(({ values }) => textsIn(values).size);
  const all = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let next = 0;
  let used = 0;
  for (const { values, order } of whole) {
    const own = textsIn(values);
    for (const at of order) {
      starts[next] = used;
      const end = own.ends[at];
      for (let i = own.startOf(at); i < end; i++) all[used++] = own.bytes[i];
      ends[next++] = used;
    }
  }
  return { type: 'string', bytes: all, starts, ends, valid: null };
}

function textsIn(values: NumberValues | TextValues): TextValues {
  assert(values instanceof TextValues);
  return values;
}

/** What the groups 0..groups-1 have collected, each as `list` sees it. */
function listsOf(
  kept: readonly Accumulator[],
  groups: number,
  type: DataType,
  list: (own: Collected) => Listed,
): ArrayColumn {
  assert(type.kind === 'array');
  const lists = valuesOf(kept[0]).values.slice(0, groups);
  return arraysOf(
    lists.map((own) => (own === null ? null : list(own))),
    type.element,
  );
}

/** Time, lane and line of a row, which come behind its value; what is equal in them keeps its order. */
const BY_LINE = [1, 2, 3];
/** Where lines are gone: time, then the value. */
const BY_VALUE = [1, 0];

const collectList: AggregateDefinition = {
  name: 'collect_list',
  doc: 'All values, in the order of `first`.',
  example: 'collect_list(price)',
  keeps: 'every',
  ordered: true,
  minArgs: 1,
  maxArgs: 1,
  result: ([type]) => arrayResult('collect_list', type),
  accumulators: () => ['values'],
  update: (kept, columns, grouped) => collectRows(valuesOf(kept[0]), columns, grouped),
  merge: mergeCollected,
  finish: (kept, groups, type) =>
    listsOf(kept, groups, type, (own) => {
      assert(own instanceof Rows);
      const by = own.columns.length === 1 + BY_LINE.length ? BY_LINE : BY_VALUE;
      const order = sorted(own.count, (a, b) => own.order(a, b, by) || a - b);
      return { values: own.columns[0], order };
    }),
};

const collectSet: AggregateDefinition = {
  name: 'collect_set',
  doc: 'The different values, sorted: texts by bytes, NaN above all numbers.',
  example: 'collect_set(seller)',
  keeps: 'different',
  minArgs: 1,
  maxArgs: 1,
  result: ([type]) => arrayResult('collect_set', type),
  accumulators: () => ['values'],
  update: (kept, [column], grouped) => collectDistinct(valuesOf(kept[0]), column, grouped),
  merge: mergeCollected,
  finish: (kept, groups, type) =>
    listsOf(kept, groups, type, (own) => {
      const { values } = distinct(own);
      return { values, order: sorted(values.count, (a, b) => values.order(a, b)) };
    }),
};

const countDistinct: AggregateDefinition = {
  name: 'count',
  distinct: true,
  doc: 'How many different values there are; NULL is none.',
  example: 'count(DISTINCT seller)',
  keeps: 'different',
  minArgs: 1,
  maxArgs: 1,
  result: ([type]) =>
    isComparable(type)
      ? { type: LONG, nullable: false }
      : { problem: `only single values can be told apart, not ${describeType(type)}` },
  accumulators: () => ['values'],
  update: (kept, [column], grouped) => collectDistinct(valuesOf(kept[0]), column, grouped),
  merge: mergeCollected,
  finish(kept, groups) {
    const { values: all } = valuesOf(kept[0]);
    const values = new Float64Array(groups);
    for (let id = 0; id < groups; id++) {
      const own = all[id];
      if (own !== null) values[id] = distinct(own).values.count;
    }
    return { type: 'long', values, valid: null };
  },
};

const percentile: AggregateDefinition = {
  name: 'percentile',
  doc: 'The value below which a share of all values lies, from 0 to 1: exact, between two of them in proportion. NULL without any.',
  example: 'percentile(price, 0.95)',
  keeps: 'every',
  share: true,
  minArgs: 2,
  maxArgs: 2,
  result: ([type]) =>
    isNumber(type)
      ? { type: DOUBLE, nullable: true }
      : { problem: `percentile takes numbers, not ${describeType(type)}` },
  accumulators: () => ['values'],
  update: (kept, [column], grouped) =>
    collectNumbers(valuesOf(kept[0]), numbers(column), column.valid, grouped),
  merge: mergeCollected,
  finish(kept, groups, _, share) {
    const { values: all } = valuesOf(kept[0]);
    const values = new Float64Array(groups);
    const valid = new Uint8Array(groups);
    for (let id = 0; id < groups; id++) {
      const own = all[id];
      if (own === null) continue;
      assert(own instanceof NumberValues);
      values[id] = shareOf(own.sort(), share);
      valid[id] = 1;
    }
    return { type: 'double', values, valid };
  },
};

function arrayResult(name: string, type: DataType): ReturnType<AggregateDefinition['result']> {
  return isComparable(type)
    ? { type: { kind: 'array', element: type }, nullable: false }
    : { problem: `${name} takes single values, not ${describeType(type)}` };
}

function distinct(own: Collected): DistinctNumbers | DistinctTexts {
  assert(own instanceof DistinctNumbers || own instanceof DistinctTexts);
  return own;
}

/** @param values sorted, at least one */
function shareOf(values: Float64Array, share: number): number {
  const at = share * (values.length - 1);
  const low = values[Math.floor(at)];
  const high = values[Math.ceil(at)];
  // Two infinities are not to be subtracted, and two large numbers not either.
  return low === high ? low : low * (Math.ceil(at) - at) + high * (at - Math.floor(at));
}

export const collectingAggregates: readonly AggregateDefinition[] = [
  collectList,
  collectSet,
  countDistinct,
  percentile,
];
