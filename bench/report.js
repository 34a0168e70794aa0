/** Medians, and figures with all that makes them worth quoting: machine, Node, commit, date. */
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
  const date = new Date().toISOString();
  process.stdout.write(`${JSON.stringify({ bench: name, date, ...machine, ...about, rows })}\n`);
}
