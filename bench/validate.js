/**
 * How long a person waits for the command line: `--help` and `validate` of a file of 60 lines, each beside bare
 * Node with the same flags, in turns. Budget: 30 and 100 ms more. On a machine that does other things as well
 * the processor's time is the figure to look at, and the least of many.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, print } from './report.js';

const bin = fileURLToPath(new URL('../bin/roundabout.js', import.meta.url));
/** Says on its way out how many microseconds of processor time a process took. */
const ABOUT = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeSync(2, 'cpu=' + (user + system));
  });
`)}`;
const FLAGS = ['--disallow-code-generation-from-strings', `--import=${ABOUT}`];
const LINES = 60;
/** Rounds until the figures stand still. */
const RUNS = 30;

const head = `version: 1
name: sixty
http: false
vehicles:
  shop:
    lanes:
      orders:
        listen: 7001
        fields: { id: long, region: string, amount: double, at: timestamp }
        event_time: { field: at, max_delay: 5s }
operators:
`;
const exits = 'exits:\n  sums: { from: sums, for: shop }\n';

/** A filter and an aggregate behind one another, and as many filters beside them as make 60 lines. */
function topology() {
  const aggregate = `  sums:
    type: aggregate
    from: large
    window: { tumble: 1m }
    group_by: [region]
    fields:
      at: window_start
      n: count(*)
      paid: sum(amount)
    having: n > 1
`;
  let text = `${head}  large:\n    type: filter\n    from: orders\n    where: amount > 10 AND region <> 'x'\n${aggregate}`;
  let tail = exits;
  const rows = () => (text + tail).split('\n').length - 1;
  for (let i = 0; rows() + 5 <= LINES; i++) {
    text += `  part_${i}:\n    type: filter\n    from: orders\n    where: coalesce(amount, 0.0) > ${i}\n`;
    tail += `  part_${i}: { from: part_${i}, for: shop }\n`;
  }
  while (rows() < LINES) tail += '# and a comment\n';
  return text + tail;
}

/** @param {{ rounds: number }} options */
export async function run({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const file = join(folder, 'sixty.yaml');
  writeFileSync(file, topology());
  const subjects = {
    node: [...FLAGS, '-e', '0'],
    help: [...FLAGS, bin, '--help'],
    validate: [...FLAGS, bin, 'validate', '--deny-warnings', file],
  };
  const walls = new Map(Object.keys(subjects).map((name) => [name, []]));
  const cpus = new Map(Object.keys(subjects).map((name) => [name, []]));
  try {
    for (let round = 0; round < rounds * (RUNS / 3); round++) {
      for (const [name, args] of Object.entries(subjects)) {
        const started = performance.now();
        const { status, stdout, stderr } = spawnSync(process.execPath, args);
        walls.get(name).push(performance.now() - started);
        cpus.get(name).push(Number(/cpu=(\d+)/.exec(stderr)?.[1]) / 1000);
        if (status !== 0) throw new Error(`${name} ended with ${status}: ${stdout}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const over = (all, of, name) => Math.round(of(all.get(name)) - of(all.get('node')));
  const least = (values) => Math.min(...values);
  const rows = Object.keys(subjects).map((name) => ({
    name,
    cpu_least_ms: Math.round(least(cpus.get(name))),
    cpu_over_node_ms: over(cpus, least, name),
    wall_median_ms: Math.round(median(walls.get(name))),
    wall_over_node_ms: over(walls, median, name),
  }));
  print('validate', rows, { lines: LINES, runs: walls.get('node').length });
}
