/** The work of `roundabout eval`: values to `out`, one a record; what is wrong, with its caret, to `err`. */
import { Buffer } from 'node:buffer';
import { printable } from '../diagnostics/cells.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { humanFindings } from '../diagnostics/human.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { count } from '../diagnostics/words.ts';
import { validateFile } from '../rules/validate.ts';
import type { Problem } from '../sql/expression.ts';
import { systemClock } from '../stream/clock.ts';
import { RoundaboutError } from '../stream/error.ts';
import { typeText } from '../stream/schema.ts';
import { check, evaluate, laneOfRecord, laneOfTopology, NO_FIELDS } from '../testing/evaluate.ts';
import type { LanePlan } from '../topology/plan.ts';
import { SourceText } from '../topology/source-text.ts';
import type { Streams } from './command.ts';
import { readAll } from './find-inputs.ts';
import { painter } from './terminal.ts';

const EXIT_FINDINGS = 1;
/** The name of the expression's text in findings. */
const FILE = '<expression>';

export interface EvalOptions {
  readonly record: string | undefined;
  readonly topology: string | undefined;
  readonly lane: string | undefined;
}

/**
 * @returns 0; 1 when the expression has something wrong, or a line is no record of the lane
 * @throws RoundaboutError `bad-usage`, `file-unreadable`
 */
export async function evalExpression(
  text: string,
  options: EvalOptions,
  streams: Streams,
): Promise<number> {
  const { record } = options;
  const lane = laneOf(options);
  const shape = lane ?? (record === undefined ? NO_FIELDS : laneOfRecord(record));
  const { expression, problems } = check(text, shape);
  if (expression === undefined) {
    const findings = problems.map((problem) => findingOf(problem, text));
    streams.err.write(humanFindings(findings, new Map([[FILE, text]]), painter(streams.err)));
    return EXIT_FINDINGS;
  }
  const single = lane === undefined || record !== undefined;
  // Who tries one record out need not give it a time.
  const read = single ? { ...shape, eventTime: null } : shape;
  // Spaces and line ends between the parts of a JSON text say nothing, and a record is one line.
  const line = (record ?? '{}').replace(/[\r\n]+/g, ' ');
  const data = single ? Buffer.from(line) : await readAll(streams.input);
  const type = typeText(expression.type);
  let values = 0;
  let bad = 0;
  evaluate(expression, read, data, systemClock.now(), {
    onValue: (value) => {
      values++;
      streams.out.write(`${printable(value)}${single ? `   ${type}` : ''}\n`);
    },
    onBad: ({ line: number, reason, detail }) => {
      bad++;
      streams.err.write(`bad line ${number}: ${reason}, ${printable(detail)}\n`);
    },
  });
  if (!single) {
    streams.err.write(`${count(values)} values of type ${type}, ${count(bad)} bad lines\n`);
  }
  return bad > 0 ? EXIT_FINDINGS : 0;
}

/** The lane that is asked for; undefined: none is. */
function laneOf({ topology: file, lane }: EvalOptions): LanePlan | undefined {
  if (file === undefined && lane === undefined) return undefined;
  if (file === undefined || lane === undefined) {
    throw new RoundaboutError('bad-usage', '-t FILE and --lane NAME belong together');
  }
  const { topology } = validateFile(file);
  if (topology === undefined) {
    throw new RoundaboutError('bad-usage', `${file} is no valid topology`, {
      hint: `see roundabout validate ${file}`,
    });
  }
  const shape = laneOfTopology(topology, lane);
  if (shape !== undefined) return shape;
  const names = [...topology.lanes.keys()];
  const meant = nearest(lane, names);
  throw new RoundaboutError('bad-usage', `no lane is called "${lane}"`, {
    hint: meant === undefined ? `there is ${names.join(', ')}` : `did you mean "${meant}"?`,
  });
}

function findingOf({ start, end, ...problem }: Problem, text: string): Diagnostic {
  return { ...problem, severity: 'error', at: new SourceText(FILE, text).place(start, end) };
}
