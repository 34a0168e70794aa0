/** A typed tree as the rest of the house sees it, its constant parts computed. */
import type { Expression } from './expression.ts';
import { fold } from './fold.ts';
import type { TypedNode } from './typed.ts';

export function expressionOf(text: string, node: TypedNode): Expression {
  const folded = fold(node);
  const reads = new Set<number>();
  collect(folded, reads);
  return { text, type: folded.type, nullable: folded.nullable, node: folded, reads };
}

function collect(node: TypedNode, reads: Set<number>): void {
  if (node.kind === 'read' && node.slot.from === 'column') reads.add(node.slot.index);
  if (node.kind === 'apply') for (const arg of node.args) collect(arg, reads);
}
