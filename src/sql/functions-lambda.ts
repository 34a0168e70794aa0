/**
 * Functions that apply a lambda to the elements of arrays. Its body is a program of its own that runs once over
 * all elements of a batch, as if each were a row; what does not depend on the element is computed outside and
 * handed in, once for every record.
 */
import { strict as assert } from 'node:assert';
import type { Batch } from '../stream/batch.ts';
import type { ArrayColumn, Column } from '../stream/column.ts';
import { BOOLEAN, type DataType, LONG } from '../stream/schema.ts';
import type { Slot } from './expression.ts';
import { expressionOf } from './expression-of.ts';
import { convert, type FunctionDefinition, type Lambda, type Named } from './function.ts';
import { arrays, booleanColumn, flags, type Kernel, numberColumn, type Rows } from './kernel.ts';
import { gather } from './nested.ts';
import { compile } from './program.ts';
import type { Scratch } from './scratch.ts';
import { describeType } from './type.ts';
import { apply, type Operation, type TypedNode } from './typed.ts';

/** Columns of the rows that a body runs over: the element, its place, then what was computed outside. */
const CAPTURES_FROM = 2;
const NO_TIMES = new Float64Array(0);

function reads(node: TypedNode, slots: readonly Slot[]): boolean {
  if (node.kind === 'read') return slots.includes(node.slot);
  return node.kind === 'apply' && node.args.some((one) => reads(one, slots));
}

/** The body over columns of its own, and the parts of it that are computed outside, in the order of those. */
function detach(
  body: TypedNode,
  slots: readonly Slot[],
): { readonly inner: TypedNode; readonly captures: readonly TypedNode[] } {
  const captures: TypedNode[] = [];
  const rewrite = (node: TypedNode): TypedNode => {
    if (node.kind === 'constant') return node;
    const { type, nullable } = node;
    if (node.kind === 'read' && slots.includes(node.slot)) {
      const slot: Slot = { from: 'column', index: slots.indexOf(node.slot) };
      return { kind: 'read', type, nullable, slot };
    }
    if (node.kind === 'apply' && reads(node, slots)) {
      return { ...node, args: node.args.map(rewrite) };
    }
    const slot: Slot = { from: 'column', index: CAPTURES_FROM + captures.length };
    captures.push(node);
    return { kind: 'read', type, nullable, slot };
  };
  return { inner: rewrite(body), captures };
}

/** The elements of a batch's arrays, one after the other. */
interface Elements {
  readonly count: number;
  /** Where each row's begin, and how many it has: none where the array is NULL. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** Their positions in the element column. */
  readonly at: Int32Array;
  /** Their rows, and their places from 0. */
  readonly owners: Int32Array;
  readonly places: Float64Array;
}

function elementsOf(array: ArrayColumn, rows: Rows, out: Scratch): Elements {
  const { valid } = array;
  const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
  let count = 0;
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    starts[i] = count;
    lengths[i] = valid === null || valid[i] === 1 ? array.lengths[i] : 0;
    count += lengths[i];
  }
  const [at, owners] = [out.part(1).positions(count), out.part(2).positions(count)];
  const places = out.part(1).numbers(count);
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    for (let place = 0; place < lengths[i]; place++) {
      const to = starts[i] + place;
      at[to] = array.starts[i] + place;
      owners[to] = i;
      places[to] = place;
    }
  }
  return { count, starts, lengths, at, owners, places };
}

/** The rows that a body runs over; it reads nothing but columns. */
function elementBatch(
  array: ArrayColumn,
  captured: readonly Column[],
  { count, at, owners, places }: Elements,
  out: Scratch,
): Batch {
  const all = { rows: count, selection: null, selected: count };
  const columns = [
    gather(array.element, at, all, out.part(0)),
    numberColumn(LONG, places, null),
    ...captured.map((column, i) => gather(column, owners, all, out.part(3 + i))),
  ];
  return {
    schema: { fields: [] },
    columns,
    ...all,
    eventTime: NO_TIMES,
    sequence: NO_TIMES,
    late: null,
    lateBy: null,
    ingestTime: 0,
    windowStart: null,
    windowEnd: null,
  };
}

/** Makes a function's result of what the body gave for each element. */
type Finish = (
  array: ArrayColumn,
  elements: Elements,
  given: Column,
  rows: Rows,
  out: Scratch,
) => Column;

/** @param body what the lambda gives, converted if need be */
function overElements(
  name: string,
  type: DataType,
  array: TypedNode,
  body: TypedNode,
  { slots, text }: Lambda,
  finish: Finish,
  nullable: boolean,
): TypedNode {
  const { inner, captures } = detach(body, slots);
  const expression = expressionOf(text, inner);
  const operation: Operation = {
    // The text is a part of the name, as steps with one name and the same inputs are computed once.
    name: `${name} ${text}`,
    strict: false,
    factory: (): Kernel => {
      const program = compile(expression);
      return ([a, ...captured], rows, out) => {
        const column = arrays(a);
        const elements = elementsOf(column, rows, out);
        const given = program.evaluate(elementBatch(column, captured, elements, out));
        return finish(column, elements, given, rows, out);
      };
    },
  };
  return apply(operation, type, [array, ...captures], nullable);
}

const transform: FunctionDefinition = {
  name: 'transform',
  signature: 'transform(array<T>, lambda): array<U>',
  doc: 'What a lambda x -> ... or (x, i) -> ... gives for each element x and its place i, from 0.',
  example: { text: "array_join(transform(split('a b', ' '), x -> upper(x)), '+')", gives: "'A+B'" },
  minArgs: 2,
  maxArgs: 2,
  lambdaNames: 2,
  build([array, body], _, lambda) {
    assert(array.node !== undefined && lambda !== undefined);
    if (body.node === undefined) return { argument: 1, message: 'a bare NULL has no type' };
    const type: DataType = { kind: 'array', element: body.node.type };
    return overElements(
      'transform',
      type,
      array.node,
      body.node,
      lambda,
      ({ valid }, { starts, lengths }, element) => ({
        type: 'array',
        starts,
        lengths,
        element,
        valid,
      }),
      array.node.nullable,
    );
  },
};

function isTrue(values: Uint8Array, { valid }: Column, i: number): boolean {
  return values[i] === 1 && (valid === null || valid[i] === 1);
}

/** Keeps the elements that the lambda is TRUE for. */
const keep: Finish = (array, { starts, lengths, at }, given, rows, out) => {
  const values = flags(given);
  let used = 0;
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    const [from, to] = [starts[i], starts[i] + lengths[i]];
    starts[i] = used;
    // What is kept moves to the front of the positions, which have been read up to here.
    for (let one = from; one < to; one++) if (isTrue(values, given, one)) at[used++] = at[one];
    lengths[i] = used - starts[i];
  }
  const all = { rows: used, selection: null, selected: used };
  const element = gather(array.element, at, all, out.part(0));
  return { type: 'array', starts, lengths, element, valid: array.valid };
};

/** TRUE where the lambda is for one element, else NULL where it is for one. */
const anyTrue: Finish = (array, { starts, lengths }, given, rows, out) => {
  const values = flags(given);
  const found = out.flags(rows.rows);
  out.valid = array.valid;
  const valid = out.ownValidity(rows);
  for (let k = 0; k < rows.selected; k++) {
    const i = rows.selection === null ? k : rows.selection[k];
    found[i] = 0;
    let unknown = false;
    for (let one = starts[i]; one < starts[i] + lengths[i] && found[i] === 0; one++) {
      if (isTrue(values, given, one)) found[i] = 1;
      else if (given.valid !== null && given.valid[one] === 0) unknown = true;
    }
    if (found[i] === 0 && unknown) valid[i] = 0;
  }
  return booleanColumn(found, valid);
};

/** A function whose lambda is a condition. */
function asking(
  spec: Named,
  lambdaNames: number,
  result: 'array<T>' | 'boolean',
  finish: Finish,
): FunctionDefinition {
  const { name } = spec;
  return {
    ...spec,
    signature: `${name}(array<T>, lambda): ${result}`,
    minArgs: 2,
    maxArgs: 2,
    lambdaNames,
    build([array, body], _, lambda) {
      const condition = convert(body, BOOLEAN);
      if (condition === undefined) {
        const message = `the lambda of ${name} must be TRUE or FALSE, not ${describeType(body.type)}`;
        return { argument: 1, message };
      }
      assert(array.node !== undefined && lambda !== undefined);
      const type = result === 'boolean' ? BOOLEAN : array.node.type;
      const nullable = array.node.nullable || (result === 'boolean' && condition.nullable);
      return overElements(name, type, array.node, condition, lambda, finish, nullable);
    },
  };
}

export const lambdaFunctions: readonly FunctionDefinition[] = [
  transform,
  asking(
    {
      name: 'filter',
      doc: 'The elements for which a lambda x -> ... or (x, i) -> ... is TRUE.',
      example: {
        text: "array_join(filter(split('a,,b', ','), x -> x <> ''), '+')",
        gives: "'a+b'",
      },
    },
    2,
    'array<T>',
    keep,
  ),
  asking(
    {
      name: 'exists',
      doc: 'Whether a lambda x -> ... is TRUE for an element; NULL where it is for none, but NULL for one.',
      example: { text: "exists(split('a b', ' '), x -> x > 'a')", gives: 'TRUE' },
    },
    1,
    'boolean',
    anyTrue,
  ),
];
