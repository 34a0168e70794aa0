/** Medians, and figures with all that makes them worth quoting: machine, Node, commit, date. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Prints a table for people and one line of JSON for programs. */
export function print(name, rows, about) {
  console.table(rows);
  const [{ model }] = cpus();
  const machine = { node: process.versions.node, cpu: model, cores: cpus().length };
  const asked = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname });
  const commit = asked.status === 0 ? asked.stdout.toString().trim() : 'unknown';
  const date = new Date().toISOString();
  process.stdout.write(
    `${JSON.stringify({ bench: name, date, commit, ...machine, ...about, rows })}\n`,
  );
}
