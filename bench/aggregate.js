/**
 * filter -> 10 s windows by key -> exit, volatile and durable, beside a naive Node program over the same
 * lines in the same run. Answers must be equal before a figure counts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import rhea from 'rhea';
import { writeBids } from './bids.js';
import { median, print } from './report.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const TICKS_PER_SECOND = 100;

const topology = (durability) => `
version: 1
name: bench
http: false
amqp: { listen: 0 }
state: { durability: ${durability} }
vehicles:
  generator:
    lanes:
      bids:
        listen: 0
        fields: { auction: long, bidder: long, price: long, channel: string, url: string, date_time: { type: timestamp, format: epoch_ms }, extra: string }
        event_time: date_time
        at_end: finish
operators:
  dear: { type: filter, from: bids, where: price > 100000 }
  per: { type: aggregate, from: dear, window: { tumble: 10s }, group_by: auction, fields: { n: count(*), top: max(price) }, having: n >= 20 }
exits:
  out: { from: per, for: generator }
`;

/** User and system time of a process so far, in seconds. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resolves with the first match of `pattern` in what a process prints. */
function printed(child, pattern) {
  let text = '';
  return new Promise((done, fail) => {
    const look = (data) => {
      text += data;
      const match = pattern.exec(text);
      if (match !== null) done(match);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => fail(new Error(`it ended with ${code}: ${text}`)));
  });
}

/** Takes results until `wanted` have come. */
function receive(amqp, wanted) {
  const [host, port] = amqp.split(':');
  const container = rhea.create_container({ id: 'bench' });
  return new Promise((done) => {
    let results = 0;
    let sum = 0;
    container.on('message', ({ message }) => {
      results++;
      sum += message.body.top;
      if (results < wanted) return;
      done({ results, sum });
      connection.close();
    });
    container.on('disconnected', () => {});
    const connection = container.connect({ host, port: Number(port), reconnect: false });
    connection.open_receiver({ source: 'out', credit_window: 2000 });
  });
}

async function measure(child, port, file, answer) {
  const before = cpuSeconds(child.pid);
  const started = performance.now();
  spawn(process.execPath, [here('load.js'), port, file], { stdio: 'ignore' });
  const given = await answer();
  const wall = (performance.now() - started) / 1000;
  return { ...given, wall, cpu: cpuSeconds(child.pid) - before };
}

async function naive(file) {
  const child = spawn(process.execPath, [here('naive.js')]);
  const [, port] = await printed(child, /ready (\d+)\n/);
  const found = await measure(child, port, file, async () =>
    JSON.parse((await printed(child, /(\{.*\})\n/))[1]),
  );
  child.kill('SIGKILL');
  return found;
}

async function product(file, durability, wanted) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const flow = join(folder, 'flow.yaml');
  writeFileSync(flow, topology(durability));
  const flags = ['--disallow-code-generation-from-strings', here('../bin/roundabout.js')];
  const child = spawn(process.execPath, [...flags, 'run', flow, '--state-dir', join(folder, 's')]);
  const [, port, amqp] = await printed(
    child,
    /bids\s+listens\s+127\.0\.0\.1:(\d+)[\s\S]*amqp\s+(\S+)[\s\S]*ready/,
  );
  const found = await measure(child, port, file, () => receive(amqp, wanted));
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  return found;
}

/** @param {{ records: number, rounds: number }} options */
export async function run({ records, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const file = join(folder, 'bids.ndjson');
  writeBids(file, records);
  const subjects = { naive: [], volatile: [], durable: [] };
  for (let round = 0; round < rounds; round++) {
    const plain = await naive(file);
    for (const [name, durability] of [
      ['volatile', 'memory'],
      ['durable', 'disk'],
    ]) {
      const found = await product(file, durability, plain.results);
      if (found.sum !== plain.sum)
        throw new Error(`${name} answers ${found.sum}, naive ${plain.sum}`);
      subjects[name].push(found);
    }
    subjects.naive.push(plain);
  }
  rmSync(folder, { recursive: true, force: true });
  const perCpu = (name) => median(subjects[name].map(({ cpu }) => records / cpu));
  const perWall = (name) => median(subjects[name].map(({ wall }) => records / wall));
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD']).stdout.toString().trim();
  print(
    'aggregate',
    Object.keys(subjects).map((name) => ({
      subject: name,
      records_per_cpu_second: Math.round(perCpu(name)),
      records_per_second: Math.round(perWall(name)),
      ratio_to_naive: Number((perCpu(name) / perCpu('naive')).toFixed(2)),
    })),
    { records, rounds, commit },
  );
}
