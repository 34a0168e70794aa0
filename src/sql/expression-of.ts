/** A typed tree as the rest of the house sees it. */
import type { Expression } from './expression.ts';
import type { TypedNode } from './typed.ts';

export function expressionOf(text: string, node: TypedNode): Expression {
  const reads = new Set<number>();
  collect(node, reads);
  return { text, type: node.type, nullable: node.nullable, node, reads };
}

function collect(node: TypedNode, reads: Set<number>): void {
  if (node.kind === 'read' && node.slot.from === 'column') reads.add(node.slot.index);
  if (node.kind === 'apply') for (const arg of node.args) collect(arg, reads);
}
