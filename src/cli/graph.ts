/** The work of `roundabout graph`: a valid file as a drawing. */
import { type FlowGraph, flowGraph } from '../topology/flow-graph.ts';
import type { Streams } from './command.ts';
import { graphSvg, type Theme } from './graph-svg.ts';
import { graphDot, graphJson, graphMermaid } from './graph-text.ts';
import { readValid } from './read-valid.ts';
import { writeText } from './write-file.ts';

const EXIT_FINDINGS = 1;

export interface GraphOptions {
  readonly format: 'mermaid' | 'dot' | 'svg' | 'json';
  readonly theme: Theme;
  readonly output?: string;
}

/**
 * @returns 0; 1 when the file has errors
 * @throws RoundaboutError `file-unreadable`, `bad-usage` for an output that cannot be written
 */
export function graph(file: string, options: GraphOptions, streams: Streams): number {
  const valid = readValid(file, streams);
  if (valid === undefined) return EXIT_FINDINGS;
  const text = drawn(flowGraph(valid.topology, valid.plan), options);
  if (options.output === undefined) streams.out.write(text);
  else writeText(options.output, text);
  return 0;
}

function drawn(flow: FlowGraph, { format, theme }: GraphOptions): string {
  switch (format) {
    case 'svg':
      return graphSvg(flow, theme);
    case 'dot':
      return graphDot(flow);
    case 'json':
      return graphJson(flow);
    case 'mermaid':
      return graphMermaid(flow);
  }
}
