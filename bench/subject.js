/** A program under test: started, fed through its lanes, its results taken and checked, and ended. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import rhea from 'rhea';

const TICKS_PER_SECOND = 100;

/** @param {string} name of a file beside this one */
export const here = (name) => fileURLToPath(new URL(name, import.meta.url));

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

/** Attaches to `out` and takes results until `wanted` have come. @returns when attached, a promise of them */
function receive(port, wanted, value) {
  const container = rhea.create_container({ id: 'bench' });
  const connection = container.connect({ host: '127.0.0.1', port, reconnect: false });
  const taken = new Promise((done, fail) => {
    let results = 0;
    let sum = 0;
    container.on('message', ({ message }) => {
      results++;
      sum += message.body[value];
      if (results < wanted) return;
      done({ results, sum });
      connection.close();
    });
    container.on('disconnected', () => fail(new Error('the exit is gone')));
  });
  return new Promise((attached) => {
    container.on('receiver_open', () => attached({ taken }));
    connection.open_receiver({ source: 'out', credit_window: 2000 });
  });
}

/** Takes `count` messages in a process of its own, which checks them. @returns when attached, a promise of all */
export async function takenElsewhere(port, count) {
  const child = spawn(process.execPath, [here('take.js'), String(port), String(count)]);
  const attached = printed(child, /attached/);
  const taken = printed(child, /done|wrong.*/).then(([text]) => {
    if (text !== 'done') throw new Error(text);
  });
  await attached;
  return { taken };
}

/** Takes results in this process and compares them with the right ones. */
async function takenHere(port, value, wanted) {
  const { taken } = await receive(port, wanted.results, value);
  const compared = taken.then(({ results, sum }) => {
    if (results === wanted.results && sum === wanted.sum) return;
    throw new Error(`the answer is ${results}, ${sum}; right is ${wanted.results}, ${wanted.sum}`);
  });
  return { taken: compared };
}

/** From the first byte sent to the last result taken. */
async function measure(child, ports, { files, value, wanted, take }) {
  const amqp = Number(ports[files.length]);
  const { taken } = await (take === undefined ? takenHere(amqp, value, wanted) : take(amqp));
  const before = cpuSeconds(child.pid);
  const started = performance.now();
  files.forEach((file, i) => {
    spawn(process.execPath, [here('load.js'), ports[i], file], { stdio: 'ignore' });
  });
  await taken;
  const wall = (performance.now() - started) / 1000;
  return { wall, cpu: cpuSeconds(child.pid) - before };
}

/**
 * Starts a subject, measures it and ends it.
 * @param {string[]} args of Node
 * @param {RegExp} ready matches what it prints, with the ports of its lanes, then that of AMQP
 * @param {{ files: string[], value?: string, wanted?: { results: number, sum: number },
 *   take?: (port: number) => Promise<{ taken: Promise<void> }> }} work a file for each lane, and either the field of
 *   results to sum up with the right answer, or another receiver; or `measure`, in place of all that
 */
export async function subject(args, ready, work) {
  const child = spawn(process.execPath, args);
  const [, ...ports] = await printed(child, ready);
  try {
    return await (work.measure ?? measure)(child, ports, work);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Roundabout with a topology whose lanes are in order of their names. `work.measure` is told its folder and file. */
export async function product(topology, lanes, work) {
  const folder = mkdtempSync(join(tmpdir(), 'roundabout-bench-'));
  const flow = join(folder, 'flow.yaml');
  writeFileSync(flow, topology);
  const flags = ['--disallow-code-generation-from-strings', here('../bin/roundabout.js')];
  const args = [...flags, 'run', flow, '--state-dir', join(folder, 'state')];
  const listens = lanes.map((lane) => `${lane}\\s+listens\\s+127\\.0\\.0\\.1:(\\d+)[\\s\\S]*`);
  try {
    return await subject(args, new RegExp(`${listens.join('')}amqp\\s+\\S+:(\\d+)[\\s\\S]*ready`), {
      ...work,
      folder,
      flow,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
