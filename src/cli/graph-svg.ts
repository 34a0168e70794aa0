/**
 * A flow as an SVG that stands on its own: no script, no font, no network, and the same bytes for the same flow.
 * It brings its own background, and its dark colours where the viewer asks for them. Shapes and words tell
 * elements apart, colours only help.
 */
import type { FlowGraph, FlowNode, NodeKind } from '../topology/flow-graph.ts';
import { type Arrow, type Box, layout, type PlacedArrow, type PlacedBox } from './graph-layout.ts';
import { textWidth, wrapped } from './text-width.ts';

export type Theme = 'auto' | 'light' | 'dark';

const MARGIN = 22;
const PADDING = 14;
const CAPTION = 10;
const NAME = 15;
const BRIEF = 12;
const LINE = 16;
/** Between letters of a caption. */
const SPACING = 0.8;
/** Wider details are broken. */
const BRIEF_WIDTH = 176;
const BRIEF_LINES = 3;
const NODE_WIDTH_MIN = 84;
/** What the point of a lane, and the stack of an exit, add to a box. */
const POINT = 14;
const STACK = 16;

const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif";

interface Colours {
  readonly page: string;
  readonly frame: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly fills: Readonly<Record<NodeKind, string>>;
  readonly strokes: Readonly<Record<NodeKind, string>>;
}

const LIGHT: Colours = {
  page: '#ffffff',
  frame: '#d5dae0',
  ink: '#1b222b',
  quiet: '#56606d',
  line: '#76818f',
  fills: {
    feeder: '#eaf1fb',
    lane: '#f4f6f8',
    operator: '#fdf4e3',
    exit: '#e9f6ee',
    receiver: '#eaf1fb',
  },
  strokes: {
    feeder: '#3b6fb5',
    lane: '#76818f',
    operator: '#b9801f',
    exit: '#2f8a57',
    receiver: '#3b6fb5',
  },
};

const DARK: Colours = {
  page: '#12161c',
  frame: '#2d3540',
  ink: '#eef1f5',
  quiet: '#a9b3bf',
  line: '#8a95a3',
  fills: {
    feeder: '#1a2a42',
    lane: '#20262e',
    operator: '#3a2d12',
    exit: '#14321f',
    receiver: '#1a2a42',
  },
  strokes: {
    feeder: '#7fb0ee',
    lane: '#8a95a3',
    operator: '#e0ac52',
    exit: '#62c98f',
    receiver: '#7fb0ee',
  },
};

interface Label {
  readonly node: FlowNode;
  readonly lines: readonly string[];
}

export function graphSvg(graph: FlowGraph, theme: Theme = 'auto'): string {
  const labels = new Map(graph.nodes.map((node) => [node.id, labelOf(node)]));
  const arrows = graph.edges.map(({ from, to, stream }): Arrow & { stream: string } => {
    const label = stream === '' ? 0 : textWidth(stream, BRIEF, 'regular') + 2 * 8;
    return { from, to, stream, label: Math.ceil(label) };
  });
  const { boxes, arrows: paths, width, height } = layout([...labels.values()].map(boxOf), arrows);
  const title = headOf(graph);
  const top = MARGIN + (title.length === 0 ? 0 : 20 + LINE * (title.length - 1) + 18);
  const whole = {
    width: Math.ceil(Math.max(width, ...title.map((line, i) => lineWidth(line, i))) + 2 * MARGIN),
    height: Math.ceil(top + height + MARGIN),
  };
  const left = Math.round((whole.width - width) / 2);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole.width}" height="${whole.height}" viewBox="0 0 ${whole.width} ${whole.height}" role="img" aria-label="${escaped(`The flow ${graph.name}`)}">`,
    `<title>${escaped(`The flow ${graph.name}`)}</title>`,
    `<style>\n${styles(theme)}</style>`,
    `<rect class="page" x="0.5" y="0.5" width="${whole.width - 1}" height="${whole.height - 1}" rx="10"/>`,
    ...title.map((line, i) =>
      i === 0
        ? textLine(line, MARGIN, MARGIN + 14, 'head')
        : textLine(line, MARGIN, MARGIN + 14 + 4 + i * LINE, 'brief'),
    ),
    `<g transform="translate(${left} ${top})">`,
    ...paths.map((path, i) => arrowOf(path, arrows[i].stream)),
    ...boxes.map((box) => nodeOf(box, labels.get(box.id))),
    '</g>',
    '</svg>\n',
  ].join('\n');
}

function lineWidth(line: string, i: number): number {
  return i === 0 ? textWidth(line, NAME, 'bold') : textWidth(line, BRIEF, 'regular');
}

function headOf({ name, description }: FlowGraph): readonly string[] {
  return [name, ...(description === null ? [] : wrapped(description, BRIEF, 620, 2))];
}

function labelOf(node: FlowNode): Label {
  return {
    node,
    lines: node.details.flatMap((one) => wrapped(one, BRIEF, BRIEF_WIDTH, BRIEF_LINES)),
  };
}

function boxOf({ node, lines }: Label): Box {
  const inside = Math.max(
    NODE_WIDTH_MIN,
    textWidth(node.name, NAME, 'bold'),
    textWidth(node.caption.toUpperCase(), CAPTION, 'bold') + SPACING * node.caption.length,
    ...lines.map((line) => textWidth(line, BRIEF, 'regular')),
  );
  const more = node.kind === 'lane' ? POINT : node.kind === 'exit' ? STACK : 0;
  return {
    id: node.id,
    column: node.kind === 'operator' ? '' : node.kind,
    point: node.kind === 'lane' ? POINT : 0,
    width: Math.ceil(inside + 2 * PADDING + more),
    height: PADDING + CAPTION + 6 + NAME + lines.length * LINE + PADDING - 2,
  };
}

function nodeOf({ x, y, width, height }: PlacedBox, label: Label | undefined): string {
  if (label === undefined) return '';
  const { node, lines } = label;
  const at = x + PADDING;
  // A box that has grown for its arrows keeps its words in the middle.
  const first = y + Math.round((height - boxOf(label).height) / 2) + PADDING;
  return [
    `<g class="${node.kind}">`,
    ...shapeOf(node.kind, x, y, width, height),
    textLine(node.caption.toUpperCase(), at, first + CAPTION - 1, 'caption'),
    textLine(node.name, at, first + CAPTION + 4 + NAME, 'name'),
    ...lines.map((line, i) =>
      textLine(line, at, first + CAPTION + 6 + NAME + (i + 1) * LINE - 1, 'brief'),
    ),
    '</g>',
  ].join('\n');
}

function shapeOf(kind: NodeKind, x: number, y: number, width: number, height: number): string[] {
  const right = x + width;
  const bottom = y + height;
  if (kind === 'lane') {
    const tip = right - POINT;
    return [
      `<path class="shape" d="M${x + 4} ${y}H${tip}L${right} ${y + height / 2}L${tip} ${bottom}H${x + 4}Q${x} ${bottom} ${x} ${bottom - 4}V${y + 4}Q${x} ${y} ${x + 4} ${y}Z"/>`,
    ];
  }
  const radius = kind === 'operator' ? 8 : kind === 'exit' ? 4 : 20;
  const body = `<rect class="shape" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
  if (kind !== 'exit') return [body];
  // What waits: bars of a hold, the last of them about to leave.
  const bars = [0, 1, 2].map(
    (i) =>
      `<rect class="bar" x="${right - 10 - 6 * i}" y="${y + 10}" width="3" height="${height - 20}" rx="1.5" opacity="${(1 - 0.3 * i).toFixed(1)}"/>`,
  );
  return [body, ...bars];
}

function arrowOf({ points }: PlacedArrow, stream: string): string {
  const [start, ...rest] = points;
  const end = points[points.length - 1];
  let path = `M${start.x} ${start.y}`;
  let from = start;
  for (const to of rest) {
    const tip = to === end ? to.x - 6 : to.x;
    const half = Math.round((from.x + tip) / 2);
    path += from.y === to.y ? `H${tip}` : `C${half} ${from.y} ${half} ${to.y} ${tip} ${to.y}`;
    from = to;
  }
  const head = `M${end.x} ${end.y}l-9 -5v10Z`;
  const lines = [`<path class="line" d="${path}"/>`, `<path class="tip" d="${head}"/>`];
  if (stream !== '') lines.push(textLine(stream, start.x + 8, start.y - 5, 'brief'));
  return lines.join('\n');
}

function textLine(text: string, x: number, y: number, kind: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escaped(text)}</text>`;
}

function styles(theme: Theme): string {
  const fixed = [
    `text { font-family: ${FONT}; }`,
    `.head, .name { font-size: ${NAME}px; font-weight: 700; }`,
    `.caption { font-size: ${CAPTION}px; font-weight: 700; letter-spacing: ${SPACING}px; }`,
    `.brief { font-size: ${BRIEF}px; }`,
    '.page { stroke-width: 1; }',
    '.shape { stroke-width: 1.5; }',
    '.line { fill: none; stroke-width: 1.75; }',
  ];
  const colours = coloursOf(theme === 'dark' ? DARK : LIGHT);
  const dark =
    theme === 'auto' ? ['@media (prefers-color-scheme: dark) {', ...coloursOf(DARK), '}'] : [];
  return `${[...fixed, ...colours, ...dark].join('\n')}\n`;
}

function coloursOf({ page, frame, ink, quiet, line, fills, strokes }: Colours): readonly string[] {
  const kinds = Object.keys(fills) as NodeKind[];
  return [
    `.page { fill: ${page}; stroke: ${frame}; }`,
    `.head, .name { fill: ${ink}; }`,
    `.brief { fill: ${quiet}; }`,
    `.line { stroke: ${line}; }`,
    `.tip { fill: ${line}; }`,
    ...kinds.flatMap((kind) => [
      `.${kind} .shape { fill: ${fills[kind]}; stroke: ${strokes[kind]}; }`,
      `.${kind} .caption, .${kind} .bar { fill: ${strokes[kind]}; }`,
    ]),
  ];
}

function escaped(text: string): string {
  const legal = [...text].map((one) => (one < ' ' ? ' ' : one)).join('');
  return legal
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
