/**
 * Functions that look into arrays, order them and cut them. What they keep of an array they read from its
 * element column by position, whatever its type.
 */
import type { ArrayColumn } from '../stream/column.ts';
import { BOOLEAN, type DataType, LONG, STRING } from '../stream/schema.ts';
import {
  type Arg,
  convert,
  convertAll,
  type FunctionDefinition,
  fixed,
  isMisfit,
  type Misfit,
  misfit,
  type Named,
  TEXTS,
} from './function.ts';
import { arrays, booleanColumn, numberColumn, numbers, type Rows, texts } from './kernel.ts';
import { equalityOf, type Order, orderOf } from './kernels-collection.ts';
import { gather, TRY_ELEMENT_AT } from './nested.ts';
import type { Scratch } from './scratch.ts';
import { describeType, isComparable } from './type.ts';
import { apply, constant, type Operation, type TypedNode } from './typed.ts';

type ArrayNode = TypedNode & { readonly type: { readonly kind: 'array' } };

/** The first argument, an array of anything, or what is wrong with it. */
function arrayNode(name: string, { node, type }: Arg): ArrayNode | Misfit {
  if (node === undefined || node.type.kind !== 'array') return misfit(name, 0, TEXTS, type);
  return node as ArrayNode;
}

/** The same, if its elements can be compared. */
function comparableNode(name: string, from: Arg): ArrayNode | Misfit {
  const node = arrayNode(name, from);
  if (isMisfit(node) || isComparable(node.type.element)) return node;
  const message = `${name} can't compare ${describeType(node.type.element)} yet`;
  return { argument: 0, rule: 'not-yet-supported', message };
}

const SIZE: Operation = {
  name: 'size',
  strict: true,
  factory:
    () =>
    ([a], rows, out) => {
      const { lengths } = arrays(a);
      const values = out.numbers(rows.rows);
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        values[i] = lengths[i];
      }
      return numberColumn(LONG, values, out.valid);
    },
};

const size: FunctionDefinition = {
  name: 'size',
  signature: 'size(array<T>): long',
  doc: 'How many elements an array has.',
  example: { text: "size(split('a b', ' '))", gives: '2' },
  minArgs: 1,
  maxArgs: 1,
  build([array]) {
    if (array.node === undefined) return constant(LONG, null);
    const node = arrayNode('size', array);
    return isMisfit(node) ? node : apply(SIZE, LONG, [node]);
  },
};

const tryElementAt: FunctionDefinition = {
  name: 'try_element_at',
  signature: 'try_element_at(array<T>, long): T',
  doc: 'An element by its place, 1 for the first and -1 for the last; NULL where there is none.',
  example: { text: "try_element_at(split('a b c', ' '), -1)", gives: "'c'" },
  minArgs: 2,
  maxArgs: 2,
  build([array, place]) {
    const node = arrayNode('try_element_at', array);
    if (isMisfit(node)) return node;
    const at = convert(place, LONG);
    if (at === undefined) return misfit('try_element_at', 1, LONG, place.type);
    return apply(TRY_ELEMENT_AT, node.type.element, [node, at], true);
  },
};

function isPresent({ valid }: Scratch, row: number): boolean {
  return valid === null || valid[row] === 1;
}

/** The place of the row's value in its array, from 1; 0: it is not there. */
function placeOf(
  { starts, lengths }: ArrayColumn,
  row: number,
  equals: (element: number, row: number) => boolean,
): number {
  for (let i = 0; i < lengths[row]; i++) if (equals(starts[row] + i, row)) return i + 1;
  return 0;
}

const ARRAY_POSITION: Operation = {
  name: 'array_position',
  strict: true,
  factory:
    () =>
    ([a, value], rows, out) => {
      const array = arrays(a);
      const equals = equalityOf(array.element, value);
      const values = out.numbers(rows.rows);
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        if (isPresent(out, i)) values[i] = placeOf(array, i, equals);
      }
      return numberColumn(LONG, values, out.valid);
    },
};

function hasNull({ starts, lengths, element: { valid } }: ArrayColumn, row: number): boolean {
  for (let i = 0; i < lengths[row] && valid !== null; i++) {
    if (valid[starts[row] + i] === 0) return true;
  }
  return false;
}

/** Where the value is not found, a NULL among the elements might have been it. */
const ARRAY_CONTAINS: Operation = {
  name: 'array_contains',
  strict: true,
  factory:
    () =>
    ([a, value], rows, out) => {
      const array = arrays(a);
      const equals = equalityOf(array.element, value);
      const values = out.flags(rows.rows);
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        if (!isPresent(out, i)) continue;
        values[i] = placeOf(array, i, equals) > 0 ? 1 : 0;
        if (values[i] === 0 && hasNull(array, i)) out.ownValidity(rows)[i] = 0;
      }
      return booleanColumn(values, out.valid);
    },
};

function searching(
  { name, doc, example }: Named,
  operation: Operation,
  result: DataType,
  fails: boolean,
): FunctionDefinition {
  return {
    name,
    signature: `${name}(array<T>, T): ${result.kind}`,
    doc,
    example,
    minArgs: 2,
    maxArgs: 2,
    build([array, wanted]) {
      const node = comparableNode(name, array);
      if (isMisfit(node)) return node;
      const { element } = node.type;
      const value = convert(wanted, element);
      if (value === undefined) return misfit(name, 1, element, wanted.type);
      return apply(operation, result, [node, value], fails || node.nullable || value.nullable);
    },
  };
}

/**
 * Arrays of the elements whose places `arrange` leaves at the beginning of what it is given, which are those of
 * a row in their order. @param arrange returns how many it leaves
 */
function rearranged(
  array: ArrayColumn,
  rows: Rows,
  out: Scratch,
  arrange: (places: Int32Array) => number,
): ArrayColumn {
  let total = 0;
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    if (isPresent(out, i)) total += array.lengths[i];
  }
  const places = out.positions(total);
  const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
  let used = 0;
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    starts[i] = used;
    if (isPresent(out, i)) {
      const own = places.subarray(used, used + array.lengths[i]);
      for (let place = 0; place < own.length; place++) own[place] = array.starts[i] + place;
      used += arrange(own);
    }
    lengths[i] = used - starts[i];
  }
  const kept = { rows: used, selection: null, selected: used };
  const element = gather(array.element, places, kept, out.part(0));
  return { type: 'array', starts, lengths, element, valid: out.valid };
}

/** Leaves the first of those that are equal. */
function keepDistinct(places: Int32Array, order: Order): number {
  const sorted = places.slice().sort(order);
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || order(sorted[i - 1], sorted[i]) !== 0) places[count++] = sorted[i];
  }
  places.subarray(0, count).sort();
  return count;
}

const ARRAY_DISTINCT: Operation = {
  name: 'array_distinct',
  strict: true,
  factory:
    () =>
    ([a], rows, out) => {
      const order = orderOf(arrays(a).element);
      return rearranged(arrays(a), rows, out, (places) => keepDistinct(places, order));
    },
};

const arrayDistinct: FunctionDefinition = {
  name: 'array_distinct',
  signature: 'array_distinct(array<T>): array<T>',
  doc: 'The array without those elements that are equal to one before them; NULLs are equal.',
  example: { text: "size(array_distinct(split('b,a,b', ',')))", gives: '2' },
  minArgs: 1,
  maxArgs: 1,
  build([array]) {
    const node = comparableNode('array_distinct', array);
    return isMisfit(node) ? node : apply(ARRAY_DISTINCT, node.type, [node]);
  },
};

const SORT_ARRAY: Operation = {
  name: 'sort_array',
  strict: true,
  factory: ([, { value: ascending }]) => {
    return ([a], rows, out) => {
      const upwards = orderOf(arrays(a).element);
      const order: Order = ascending === true ? upwards : (i, j) => upwards(j, i);
      return rearranged(arrays(a), rows, out, (places) => places.sort(order).length);
    };
  },
};

const sortArray: FunctionDefinition = {
  name: 'sort_array',
  signature: 'sort_array(array<T>[, ascending]): array<T>',
  doc: 'The elements in order, NULLs first, or in the order turned around for FALSE, a constant; NaN is the greatest number.',
  example: { text: "sort_array(split('b,a,c', ','), FALSE)[0]", gives: "'c'" },
  minArgs: 1,
  maxArgs: 2,
  build([array, direction]) {
    const node = comparableNode('sort_array', array);
    if (isMisfit(node)) return node;
    const ascending =
      direction === undefined ? constant(BOOLEAN, true) : convert(direction, BOOLEAN);
    if (ascending === undefined) return misfit('sort_array', 1, BOOLEAN, direction.type);
    if (ascending.kind !== 'constant' || ascending.value === null) {
      const message = 'the direction of sort_array must be TRUE or FALSE in the expression';
      return { argument: 1, rule: 'not-constant', message };
    }
    return apply(SORT_ARRAY, node.type, [node, ascending]);
  },
};

const arrayJoin = fixed(
  {
    name: 'array_join',
    doc: 'The texts of an array with the second argument between them; NULLs are left out, or become the third; NULL beyond 1 MiB.',
    example: { text: "array_join(split('a b', ' '), '+')", gives: "'a+b'" },
    params: [TEXTS, STRING, STRING],
    optional: 1,
    result: STRING,
    fails: true,
  },
  (args) =>
    ([a, separator, instead], rows, out) => {
      const { starts, lengths, element } = arrays(a);
      const parts = texts(element);
      const between = texts(separator);
      const missing = args.length > 2 ? texts(instead) : null;
      return out.texts(rows, (row) => {
        const begin = out.used;
        let first = true;
        for (let i = starts[row]; i < starts[row] + lengths[row]; i++) {
          const there = parts.valid === null || parts.valid[i] === 1;
          const from = there ? parts : missing;
          if (from === null) continue;
          const { bytes, starts: begins, ends } = between;
          if (!first && !out.extend(begin, bytes, begins[row], ends[row])) return false;
          const at = there ? i : row;
          if (!out.extend(begin, from.bytes, from.starts[at], from.ends[at])) return false;
          first = false;
        }
        return true;
      });
    },
);

/** Windows of the same elements. */
const SLICE: Operation = {
  name: 'slice',
  strict: true,
  factory:
    () =>
    ([a, from, count], rows, out) => {
      const array = arrays(a);
      const [places, counts] = [numbers(from), numbers(count)];
      const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const all = array.lengths[i];
        const skip = places[i] > 0 ? places[i] - 1 : all + places[i];
        const inside = isPresent(out, i) && skip >= 0 && skip < all && counts[i] > 0;
        starts[i] = inside ? array.starts[i] + skip : 0;
        lengths[i] = inside ? Math.min(counts[i], all - skip) : 0;
        if (places[i] === 0 || counts[i] < 0) out.ownValidity(rows)[i] = 0;
      }
      return { type: 'array', starts, lengths, element: array.element, valid: out.valid };
    },
};

const slice: FunctionDefinition = {
  name: 'slice',
  signature: 'slice(array<T>, long, long): array<T>',
  doc: 'Elements from a place (1 is the first, -1 the last), at most so many; NULL for the place 0 or less than none.',
  example: { text: "array_join(slice(split('a b c d', ' '), 2, 2), ' ')", gives: "'b c'" },
  minArgs: 3,
  maxArgs: 3,
  build(args) {
    const node = arrayNode('slice', args[0]);
    if (isMisfit(node)) return node;
    const nodes = convertAll('slice', args, (i) => (i === 0 ? node.type : LONG));
    if (isMisfit(nodes)) return nodes;
    return apply(SLICE, node.type, nodes, true);
  },
};

export const collectionFunctions: readonly FunctionDefinition[] = [
  size,
  tryElementAt,
  searching(
    {
      name: 'array_contains',
      doc: 'Whether a value is an element; NULL where it is not, but an element is NULL.',
      example: { text: "array_contains(split('a b', ' '), 'b')", gives: 'TRUE' },
    },
    ARRAY_CONTAINS,
    BOOLEAN,
    true,
  ),
  searching(
    {
      name: 'array_position',
      doc: 'The place of the first element that equals a value, from 1; 0 where none does.',
      example: { text: "array_position(split('a b', ' '), 'b')", gives: '2' },
    },
    ARRAY_POSITION,
    LONG,
    false,
  ),
  arrayDistinct,
  sortArray,
  arrayJoin,
  slice,
];
