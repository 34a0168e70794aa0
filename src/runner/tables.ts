/**
 * The files of tables: read and judged whole before anything of them is put into the log. What the log has is
 * known to be a table, so neither the engine nor a replay can fail at it.
 */
import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readTable, sizeProblem, type TableProblem } from '../engine/table-reader.ts';
import type { TableContent } from '../engine/tables.ts';
import { type JudgeTable, readBytes } from '../rules/validate.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Plan, TablePlan } from '../topology/plan.ts';
import { leaves } from './world.ts';

/** Of one table; what is wrong with the first lines is mostly wrong with the others. */
const FINDINGS_MAX = 5;

/** Reads a file by its path relative to the topology. @throws RoundaboutError `file-unreadable`, `bad-table` */
export type ReadTableFile = (file: string) => Uint8Array;

/** @param base the folder of the topology */
export function tableFiles(base: string): ReadTableFile {
  return (file) => {
    const whole = resolve(base, file);
    const { size, isFile } = statsOf(whole);
    if (!isFile) throw new RoundaboutError('file-unreadable', `${whole}: it is no file`);
    const tooLarge = sizeProblem(size);
    if (tooLarge !== undefined) throw unusable(file, [tooLarge]);
    return readBytes(whole);
  };
}

/**
 * What the files of all tables of a plan say.
 * @param seed of the hashes of keys, that of the shard
 * @throws RoundaboutError `file-unreadable`, `bad-table`
 */
export function readTables(
  { stages }: Plan,
  read: ReadTableFile,
  seed: number,
): readonly TableContent[] {
  return stages.flatMap(({ table }) =>
    table === null ? [] : [contentOf(table, bytesOf(table, read), seed)],
  );
}

function bytesOf({ name, file }: TablePlan, read: ReadTableFile): Uint8Array {
  try {
    return read(file);
  } catch (error) {
    if (!(error instanceof RoundaboutError)) throw error;
    const { slug, message } = error;
    throw new RoundaboutError(slug, message, { hint: `"${name}" looks up in it`, cause: error });
  }
}

/** Where there is nothing, who reads it says why. */
function statsOf(path: string): { readonly size: number; readonly isFile: boolean } {
  try {
    const stats = statSync(path);
    return { size: stats.size, isFile: stats.isFile() };
  } catch {
    return { size: 0, isFile: true };
  }
}

/**
 * What is wrong with the files of tables, for who only checks a topology.
 * @param base the folder of the topology
 * @param within files outside of these folders are not looked at; undefined: the author may name any
 */
export function judgeTables(base: string, within?: readonly string[]): JudgeTable {
  const read = tableFiles(base);
  return (plan) => {
    const { file } = plan;
    const whole = realPath(resolve(base, file));
    if (within?.every((folder) => leaves(realPath(resolve(folder)), whole))) return [];
    try {
      const reading = readTable(plan, read(file), 0);
      const problems = 'problems' in reading ? reading.problems : [];
      const shown = problems.slice(0, FINDINGS_MAX).map((one) => problemText(file, one));
      return shown.map((message) => ({ rule: 'bad-table', message }));
    } catch (error) {
      if (!(error instanceof RoundaboutError)) throw error;
      return [
        error.slug === 'bad-table'
          ? { rule: 'bad-table', message: error.message }
          : { rule: 'missing-file', message: `"${file}" cannot be read: ${whyOf(error)}` },
      ];
    }
  };
}

/** What bytes say, which must be a table. @throws RoundaboutError `bad-table` */
export function contentOf(plan: TablePlan, bytes: Uint8Array, seed: number): TableContent {
  const reading = readTable(plan, bytes, seed);
  if ('problems' in reading) throw unusable(plan.file, reading.problems);
  return { table: plan.id, hash: hashOf(bytes), bytes, rows: reading.rows };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Links followed, where there is something. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Without the path, which stands before it. */
function whyOf({ message }: RoundaboutError): string {
  return message.slice(message.indexOf(': ') + 2);
}

function unusable(file: string, problems: readonly TableProblem[]): RoundaboutError {
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  return new RoundaboutError('bad-table', `${problemText(file, first)}${more}`);
}

/** `users.csv:3: its key is that of line 2`. */
export function problemText(file: string, { line, message }: TableProblem): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}
