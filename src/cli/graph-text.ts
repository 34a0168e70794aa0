/** A flow as text that other programs draw: Mermaid, Graphviz, and lines of JSON. */
import type { FlowGraph, FlowNode, NodeKind } from '../topology/flow-graph.ts';

const MERMAID: Readonly<Record<NodeKind, readonly [open: string, close: string]>> = {
  feeder: ['([', '])'],
  lane: ['>', ']'],
  operator: ['[', ']'],
  exit: ['[(', ')]'],
  receiver: ['([', '])'],
};

const DOT: Readonly<Record<NodeKind, string>> = {
  feeder: 'ellipse',
  lane: 'cds',
  operator: 'box',
  exit: 'cylinder',
  receiver: 'ellipse',
};

export function graphMermaid({ nodes, edges }: FlowGraph): string {
  const ids = idsOf(nodes);
  const quoted = (text: string): string =>
    text.replace(/["#&<>`\\]/g, (one) => `#${one.codePointAt(0)};`);
  const lines = nodes.map((node) => {
    const [open, close] = MERMAID[node.kind];
    const text = linesOf(node).map(quoted).join('<br/>');
    return `  ${ids.get(node.id)}${open}"${text}"${close}`;
  });
  const arrows = edges.map(({ from, to, stream }) => {
    const label = stream === '' ? '' : `|"${quoted(stream)}"|`;
    return `  ${ids.get(from)} -->${label} ${ids.get(to)}`;
  });
  return `flowchart LR\n${[...lines, ...arrows].join('\n')}\n`;
}

export function graphDot({ name, nodes, edges }: FlowGraph): string {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const lines = nodes.map((node) => {
    const text = linesOf(node)
      .map((line) => line.replace(/["\\]/g, '\\$&'))
      .join('\\n');
    return `  ${quoted(node.id)} [shape=${DOT[node.kind]}, label="${text}"];`;
  });
  const arrows = edges.map(({ from, to, stream }) => {
    const label = stream === '' ? '' : ` [label=${quoted(stream)}]`;
    return `  ${quoted(from)} -> ${quoted(to)}${label};`;
  });
  return `digraph ${quoted(name)} {\n  rankdir=LR;\n${[...lines, ...arrows].join('\n')}\n}\n`;
}

export function graphJson({ name, nodes, edges }: FlowGraph): string {
  const lines = [
    { roundabout: 1, kind: 'graph', name },
    ...nodes.map(({ kind: element, ...node }) => ({ kind: 'node', element, ...node })),
    ...edges.map((edge) => ({ kind: 'edge', ...edge })),
  ];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

/** Names of the author's mean something of their own in Mermaid (`end`), so nodes are numbered. */
function idsOf(nodes: readonly FlowNode[]): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
}

function linesOf({ caption, name, details }: FlowNode): readonly string[] {
  return [caption, name, ...details];
}
