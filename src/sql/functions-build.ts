/** Functions that make arrays and structs of other values. */
import { strict as assert } from 'node:assert';
import type { ArrayColumn } from '../stream/column.ts';
import type { Field } from '../stream/schema.ts';
import { blend, mixtureIn } from './blend.ts';
import {
  type Arg,
  commonOf,
  constantText,
  converted,
  type FunctionDefinition,
  isMisfit,
  type Misfit,
  misfit,
  TEXTS,
} from './function.ts';
import { arrays } from './kernel.ts';
import { gather } from './nested.ts';
import { apply, type Operation, type TypedNode } from './typed.ts';

const ARRAY: Operation = {
  name: 'array',
  strict: false,
  factory: () => (inputs, rows, out) => {
    const width = inputs.length;
    const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
    const mixture = mixtureIn(out, rows.selected * width);
    for (let k = 0; k < rows.selected; k++) {
      const i = rows.selection === null ? k : rows.selection[k];
      starts[i] = k * width;
      lengths[i] = width;
      for (let nth = 0; nth < width; nth++) {
        mixture.from[starts[i] + nth] = nth;
        mixture.at[starts[i] + nth] = i;
      }
    }
    const element = blend(inputs, mixture, out.part(0));
    return { type: 'array', starts, lengths, element, valid: null };
  },
};

const array: FunctionDefinition = {
  name: 'array',
  signature: 'array(T, ...): array<T>',
  doc: 'An array of the values, NULLs too.',
  example: { text: 'array(10, 20)[1]', gives: '20' },
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  build(args) {
    const element = commonOf('array', args);
    if (isMisfit(element)) return element;
    return apply(ARRAY, { kind: 'array', element }, converted(args, element), false);
  },
};

/** The inputs themselves; the list of them is the step's, and used again. */
const STRUCT: Operation = {
  name: 'struct',
  strict: false,
  factory: () => (inputs) => ({ type: 'struct', fields: inputs.slice(), valid: null }),
};

/** A struct of these fields; `argument` says where the nth value stands. */
function structOf(
  name: string,
  names: readonly string[],
  values: readonly Arg[],
  argument: (nth: number) => number,
): TypedNode | Misfit {
  const fields: Field[] = [];
  const nodes: TypedNode[] = [];
  for (const [i, { node, type }] of values.entries()) {
    if (node === undefined) {
      const hint = 'write CAST(NULL AS BIGINT), or another type';
      return { argument: argument(i), message: 'a bare NULL has no type', hint };
    }
    if (names.indexOf(names[i]) < i) {
      const message = `${name} has two fields of the name "${names[i]}"`;
      return { argument: argument(i), message };
    }
    fields.push({ name: names[i], type: node.type, nullable: node.nullable });
    assert(type === node.type);
    nodes.push(node);
  }
  return apply(STRUCT, { kind: 'struct', fields }, nodes, false);
}

const struct: FunctionDefinition = {
  name: 'struct',
  signature: 'struct(any, ...): struct',
  doc: 'A struct of the values; each field has the name of the field it was read from, else col1, col2 and so on by its place.',
  example: { text: "struct('a', 7).col2", gives: '7' },
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  build: (args, names = []) =>
    structOf(
      'struct',
      args.map((_, i) => names[i] ?? `col${i + 1}`),
      args,
      (nth) => nth,
    ),
};

const namedStruct: FunctionDefinition = {
  name: 'named_struct',
  signature: 'named_struct(name, any, ...): struct',
  doc: 'A struct of names, which are constants, and values in turn.',
  example: { text: "named_struct('a', 1, 'b', 2).b", gives: '2' },
  minArgs: 2,
  maxArgs: Number.POSITIVE_INFINITY,
  build(args) {
    const names: string[] = [];
    for (let i = 0; i < args.length; i += 2) {
      const name = constantText('named_struct', i, args[i], 'names');
      if (isMisfit(name)) return name;
      names.push(name.value);
    }
    if (args.length % 2 === 1) {
      const message = 'the last name of named_struct has no value';
      return { argument: args.length - 1, rule: 'wrong-arity', message };
    }
    const values = args.filter((_, i) => i % 2 === 1);
    return structOf('named_struct', names, values, (nth) => 2 * nth + 1);
  },
};

/** How many elements the arrays of a row have together; -1 where one of them is NULL. */
function innerSize({ starts, lengths, element }: ArrayColumn, row: number): number {
  const inner = arrays(element);
  let total = 0;
  for (let i = starts[row]; i < starts[row] + lengths[row]; i++) {
    if (inner.valid !== null && inner.valid[i] === 0) return -1;
    total += inner.lengths[i];
  }
  return total;
}

const FLATTEN: Operation = {
  name: 'flatten',
  strict: true,
  factory:
    () =>
    ([a], rows, out) => {
      const outer = arrays(a);
      const inner = arrays(outer.element);
      const [starts, lengths] = [out.starts(rows.rows), out.ends(rows.rows)];
      let total = 0;
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        const size = out.valid === null || out.valid[i] === 1 ? innerSize(outer, i) : 0;
        if (size < 0) out.ownValidity(rows)[i] = 0;
        starts[i] = total;
        lengths[i] = Math.max(0, size);
        total += lengths[i];
      }
      const places = out.positions(total);
      for (let k = 0; k < rows.selected; k++) {
        const i = rows.selection === null ? k : rows.selection[k];
        let to = starts[i];
        for (let nth = outer.starts[i]; to < starts[i] + lengths[i]; nth++) {
          for (let one = 0; one < inner.lengths[nth]; one++) places[to++] = inner.starts[nth] + one;
        }
      }
      const all = { rows: total, selection: null, selected: total };
      const element = gather(inner.element, places, all, out.part(0));
      return { type: 'array', starts, lengths, element, valid: out.valid };
    },
};

const flatten: FunctionDefinition = {
  name: 'flatten',
  signature: 'flatten(array<array<T>>): array<T>',
  doc: 'The elements of the arrays in an array, one array after the other; NULL where one of them is.',
  example: {
    text: 'size(flatten(array(array(1), array(2, 3))))',
    gives: '3',
  },
  minArgs: 1,
  maxArgs: 1,
  build([{ node, type }]) {
    if (node === undefined || type.kind !== 'array' || type.element.kind !== 'array') {
      return misfit('flatten', 0, { kind: 'array', element: TEXTS }, type);
    }
    return apply(FLATTEN, type.element, [node], true);
  },
};

export const buildFunctions: readonly FunctionDefinition[] = [array, struct, namedStruct, flatten];
