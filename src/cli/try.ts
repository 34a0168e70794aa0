/**
 * The work of `roundabout try`: what each exit would get of sample files, and which lines are none. Records go
 * to `out`; bad lines and sums to `err`, so that `out` can be piped on.
 */
import { createReadStream, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ReadRecord, readMessage } from '../codecs/message-reader.ts';
import { printable } from '../diagnostics/cells.ts';
import { humanFindings } from '../diagnostics/human.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { count } from '../diagnostics/words.ts';
import { validateFile } from '../rules/validate.ts';
import { judgeTables, tableFiles } from '../runner/tables.ts';
import { systemClock } from '../stream/clock.ts';
import { RoundaboutError } from '../stream/error.ts';
import { tryFlow as runOver } from '../testing/try-flow.ts';
import { valueText } from '../testing/value-text.ts';
import type { Topology } from '../topology/topology.ts';
import { DEAD_LETTER } from '../topology/topology-test.ts';
import { columnLines } from './columns.ts';
import type { Streams } from './command.ts';
import { jsonRecord } from './json-record.ts';
import { painter } from './terminal.ts';

const EXIT_FINDINGS = 1;
/** Of bad lines; the rest is counted. */
const BAD_MAX = 10;
/** Of a value in a table; what is longer is cut. */
const CELL_MAX = 60;

export interface TryOptions {
  /** Records of each exit that are printed; 0: all. */
  readonly limit: number;
  readonly format: 'table' | 'ndjson';
}

/**
 * @param data `LANE=FILE` each, FILE `-` for standard input
 * @returns 0, also when lines are bad; 1 when the topology has errors
 * @throws RoundaboutError `file-unreadable`, `bad-usage`, `account-differs`
 */
export async function tryFlow(
  file: string,
  data: readonly string[],
  { limit, format }: TryOptions,
  streams: Streams,
): Promise<number> {
  const { topology, plan, findings, text } = validateFile(file, {
    tables: judgeTables(dirname(file)),
  });
  if (topology === undefined || plan === undefined) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    streams.err.write(humanFindings(errors, new Map([[file, text]]), painter(streams.err)));
    return EXIT_FINDINGS;
  }
  const exits = new Map<string, ReadRecord[]>([...topology.exits.keys()].map((name) => [name, []]));
  const bad: ReadRecord[] = [];
  const account = await runOver({
    topology,
    now: systemClock.now(),
    readTable: tableFiles(dirname(file)),
    samples: samplesOf(data, topology, streams),
    onMessage: (exit, message) => {
      const shown = exit === DEAD_LETTER ? bad : exits.get(exit);
      const room = exit === DEAD_LETTER ? BAD_MAX : limit === 0 ? Infinity : limit;
      if (shown === undefined || shown.length >= room) return;
      const [field] = plan.exits.find(({ name }) => name === exit)?.fields ?? [];
      const record = readMessage(message, field?.name);
      shown.push(record);
      if (format === 'ndjson' && exit !== DEAD_LETTER) {
        streams.out.write(`${JSON.stringify({ exit, record: jsonRecord(record) })}\n`);
      }
    },
  });
  if (format === 'table') {
    for (const { name, numbered } of account.exits) {
      streams.out.write(tableOf(name, exits.get(name) ?? [], numbered));
    }
  }
  for (const letter of bad) streams.err.write(badLine(letter));
  if (account.deadLetters > bad.length) {
    streams.err.write(`and ${count(account.deadLetters - bad.length)} more bad lines\n`);
  }
  const lines = account.lanes.map(({ name, records, bad: wrong, late }) => {
    const rest = [
      ...(wrong > 0 ? [`${count(wrong)} bad`] : []),
      ...(late > 0 ? [`${count(late)} late`] : []),
    ];
    return [`${name} ${count(records)} records`, ...rest].join(', ');
  });
  streams.err.write(`${lines.join('; ')}\n`);
  const [gap] = account.gaps;
  if (gap !== undefined) throw new RoundaboutError('account-differs', gap);
  return 0;
}

function samplesOf(
  data: readonly string[],
  { lanes }: Topology,
  streams: Streams,
): ReadonlyMap<string, AsyncIterable<Uint8Array>> {
  const samples = new Map<string, AsyncIterable<Uint8Array>>();
  for (const one of data) {
    const [, lane, path] = /^([^=]+)=(.+)$/.exec(one) ?? [];
    if (lane === undefined || path === undefined) {
      throw new RoundaboutError('bad-usage', `"${one}" is not of the form LANE=FILE`);
    }
    if (!lanes.has(lane)) {
      const meant = nearest(lane, lanes.keys());
      const hint =
        meant === undefined
          ? `there is ${[...lanes.keys()].join(', ')}`
          : `did you mean "${meant}"?`;
      throw new RoundaboutError('bad-usage', `no lane is called "${lane}"`, { hint });
    }
    if (samples.has(lane)) {
      throw new RoundaboutError('bad-usage', `lane "${lane}" is given twice`);
    }
    if (path !== '-' && !existsSync(path)) {
      throw new RoundaboutError('file-unreadable', `${path}: there is no such file`);
    }
    samples.set(lane, bytesOf(path, streams));
  }
  return samples;
}

async function* bytesOf(path: string, streams: Streams): AsyncGenerator<Uint8Array> {
  const input = path === '-' ? streams.input : createReadStream(path);
  try {
    for await (const chunk of input) yield Buffer.from(chunk);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new RoundaboutError('file-unreadable', `${path}: it cannot be read (${code})`);
  }
}

function tableOf(exit: string, records: readonly ReadRecord[], total: number): string {
  const title = `${exit}  ${count(total)} ${total === 1 ? 'record' : 'records'}`;
  if (records.length === 0) return `${title}\n`;
  const columns = [...new Set(records.flatMap((record) => [...record.keys()]))];
  const lines = columnLines([
    columns.map(printable),
    ...records.map((record) => columns.map((column) => cell(record.get(column)))),
  ]).map((line) => `  ${line}`);
  const more = total - records.length;
  const rest = more > 0 ? `  and ${count(more)} more: --limit 0 prints all\n` : '';
  return `${title}\n${lines.join('\n')}\n${rest}`;
}

/** Text stands bare in a table; everything else as it is written in a test. */
function cell(value: Parameters<typeof valueText>[0] | undefined): string {
  if (value === undefined) return '';
  const bare = value instanceof Date ? valueText(value).slice(1, -1) : valueText(value);
  const text = printable(typeof value === 'string' ? value : bare);
  return text.length > CELL_MAX ? `${text.slice(0, CELL_MAX - 3)}...` : text;
}

function badLine(letter: ReadRecord): string {
  const [element, line] = [letter.get('element'), letter.get('line')];
  const place = line === null ? String(element) : `${element} line ${line}`;
  const bytes = letter.get('bytes');
  const text = bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : '';
  const shown = text.length > CELL_MAX ? `${text.slice(0, CELL_MAX - 3)}...` : text;
  return printable(
    `bad ${place}: ${letter.get('reason')}, ${letter.get('detail')}: ${shown}`,
  ).concat('\n');
}
