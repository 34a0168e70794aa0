/**
 * Computes the constant parts of a typed tree before anything runs, by the kernels that would compute them
 * for every batch, so that both can't differ.
 */
import { constantColumn, valueAt } from './constant-column.ts';
import { Scratch } from './scratch.ts';
import { type ConstantNode, constant, type TypedNode } from './typed.ts';

const ONE_ROW = { rows: 1, selection: null, selected: 1 };

/** @returns the tree with every part that reads nothing replaced by its value */
export function fold(node: TypedNode): TypedNode {
  if (node.kind !== 'apply') return node;
  const args = node.args.map(fold);
  const { operation, type } = node;
  const constants = args.filter((arg) => arg.kind === 'constant');
  if (operation.strict && constants.some((arg) => arg.value === null)) return constant(type, null);
  // There are no constants of arrays and structs.
  const single = type.kind !== 'array' && type.kind !== 'struct' && type.kind !== 'map';
  if (single && constants.length === args.length) return computed(node, constants);
  return { ...node, args };
}

function computed(
  node: TypedNode & { kind: 'apply' },
  args: readonly ConstantNode[],
): ConstantNode {
  const kernel = node.operation.factory(args, node.type);
  const inputs = args.map((arg) => constantColumn(arg.type, arg.value, 1));
  const column = kernel(inputs, ONE_ROW, new Scratch());
  return constant(node.type, valueAt(column, 0));
}
