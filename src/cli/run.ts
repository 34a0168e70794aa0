/**
 * The work of `roundabout run`: validates, opens the runner, prints what a person wants to know at the
 * start and at the end, and decides when it ends and with which code.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { printable } from '../diagnostics/cells.ts';
import { humanFindings } from '../diagnostics/human.ts';
import { type Reading, readBytes, validateText } from '../rules/validate.ts';
import { DRAIN_DEADLINE, inputEnded, waitingExits } from '../runner/drain.ts';
import { Runner } from '../runner/runner.ts';
import { gapsIn } from '../runner/status.ts';
import { outsideWorld } from '../runner/world.ts';
import { systemClock } from '../stream/clock.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Notice } from '../stream/port.ts';
import { MICROS_PER_MS, type Micros, parseDuration } from '../stream/time.ts';
import { parseAddress } from '../topology/address.ts';
import type { Topology } from '../topology/topology.ts';
import { startChangeLines } from './change-lines.ts';
import { Edits } from './edits.ts';
import { errorLines } from './error-lines.ts';
import { accountLines, startLines } from './status-lines.ts';
import { isTerminal, painter, signs } from './terminal.ts';

const FLAG = '--disallow-code-generation-from-strings';
/** How often a draining flow is looked at. */
const LOOK_MS = 50;
/** A program that has all its results may want to say so before it is told to stop. */
const FAREWELL_MS = 3000;

export interface RunOptions {
  readonly stateDir: string | undefined;
  readonly amqp: string | undefined;
  readonly fresh: boolean;
  /** Follow edits of the file; undefined: when someone looks at it. */
  readonly watch: boolean | undefined;
  /** Operators whose state may go if the file was edited since the last run. */
  readonly allowReset: readonly string[];
  readonly until: string | undefined;
  /** Values for parameters, by name. */
  readonly sets: ReadonlyMap<string, string>;
}

/** @returns the exit code */
export async function runFlow(file: string, options: RunOptions): Promise<number> {
  refuseUnsafeProcess(file);
  const until = readUntil(options.until);
  const override = overrideOf(options.amqp);
  const base = dirname(resolve(file));
  const reading = { sets: options.sets, world: outsideWorld(base) };
  const read = readTopology(file, reading);
  if (read === undefined) return 1;
  const topology = override(read.topology);
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  const ending = new Ending();
  const runner = await Runner.open({
    version,
    topology,
    file,
    base,
    stateDir: stateDir(options.stateDir, base, topology),
    fresh: options.fresh,
    bounded: options.until === 'drained',
    allowReset: new Set(options.allowReset),
    override,
    reading,
    clock: systemClock,
    notify: printNotice,
    onOutput: (vehicle, line) => process.stdout.write(`${vehicle} | ${line}\n`),
    onFailure: (error) => ending.fail(error),
    onStop: (error) => {
      process.stderr.write(errorLines(error));
      ending.end(error.exitCode);
    },
  });
  const { good } = signs(process.env);
  process.stderr.write(startLines(runner.status(), good));
  const watches = options.watch ?? (isTerminal(process.stderr) && !process.env['CI']);
  process.stderr.write(startChangeLines(runner.startChange));
  const edits = new Edits(runner, { file, override, reading }, watches ? read.bytes : undefined);
  // Who sees that it is ready may stop it at once.
  ending.listen(() => edits.now());
  const save = watches ? 'Save the file to rewire, ' : '';
  process.stderr.write(`ready. ${save}Ctrl-C to drain and stop.\n`);
  runner.vehicles.start();
  const code = await Promise.race([ending.reached, until(runner)]);
  await edits.close();
  await Promise.race([runner.stop(), ending.failed]);
  const status = runner.status();
  process.stderr.write(accountLines(status, good));
  if (gapsIn(status).length > 0) return 70;
  return code === 0 && runner.vehicles.gaveUp.length > 0 ? 4 : code;
}

/** Signals and failures. */
class Ending {
  readonly reached: Promise<number>;
  /** Rejects when the storage fails; never resolves. */
  readonly failed: Promise<never>;
  #reach: (code: number) => void = () => {};
  #fail: (error: RoundaboutError) => void = () => {};
  #signals = 0;

  constructor() {
    this.failed = new Promise((_, fail) => {
      this.#fail = fail;
    });
    const stopped = new Promise<number>((reach) => {
      this.#reach = reach;
    });
    this.reached = Promise.race([stopped, this.failed]);
    this.reached.catch(() => {}); // it may fail before anyone waits for it
  }

  fail(error: RoundaboutError): void {
    this.#fail(error);
  }

  /** The flow is to be stopped in order. */
  end(code: number): void {
    this.#reach(code);
  }

  /** @param reload what SIGHUP asks for */
  listen(reload: () => void): void {
    process.on('SIGHUP', reload);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        this.#signals++;
        if (this.#signals > 1) process.exit(130);
        process.stderr.write(
          'stopping: what came is computed and kept; once more to stop at once\n',
        );
        this.#reach(0);
      });
    }
  }
}

type Until = (runner: Runner) => Promise<number>;

function readUntil(text: string | undefined): Until {
  if (text === undefined) return () => new Promise(() => {});
  if (text === 'drained') return drained;
  const duration = parseDuration(text);
  if (duration === undefined) {
    throw new RoundaboutError('bad-usage', `--until ${text} is neither "drained" nor a duration`, {
      hint: 'write a duration like 30s or 1h30m',
    });
  }
  return () => pause(duration).then(() => 0);
}

function pause(duration: Micros): Promise<void> {
  return new Promise((done) => {
    systemClock.wake(systemClock.now() + duration, done);
  });
}

/** Waits for the end of all input, closes it, and waits for those who came for results. */
async function drained(runner: Runner): Promise<number> {
  const owner = (lane: string) => {
    const vehicle = runner.topology.lanes.get(lane)?.vehicle;
    return vehicle === undefined ? undefined : runner.vehicles.find(vehicle);
  };
  const lanes = () =>
    [...runner.topology.lanes.values()].map((lane) => {
      const { open = 0, ever = 0 } = runner.lanes.get(lane.name)?.state() ?? {};
      const supervised = runner.topology.vehicles.get(lane.vehicle)?.command !== null;
      return { name: lane.name, supervised, open, ever };
    });
  while (!inputEnded(lanes(), owner)) await pause(LOOK_MS * MICROS_PER_MS);
  await runner.closeInput();
  const deadline = systemClock.now() + DRAIN_DEADLINE;
  const waiting = () => waitingExits(exitEnds(runner));
  while (waiting().length > 0 && systemClock.now() < deadline) {
    await pause(LOOK_MS * MICROS_PER_MS);
  }
  const late = waiting();
  for (const exit of late) {
    printNotice({
      level: 'warning',
      about: `exit ${exit.name}`,
      text: `${exit.held} records were not taken within 25 s; they stay held`,
    });
  }
  const failed = runner.vehicles.failed;
  if (late.length > 0 || failed.length > 0) return 4;
  const farewell = systemClock.now() + FAREWELL_MS * MICROS_PER_MS;
  while (runner.vehicles.anyRunning && systemClock.now() < farewell) {
    await pause(LOOK_MS * MICROS_PER_MS);
  }
  return runner.vehicles.failed.length > 0 ? 4 : 0;
}

function exitEnds(runner: Runner) {
  return runner.status().exits.map((exit) => ({
    name: exit.name,
    held: exit.held,
    attended:
      runner.everAttached(exit.name) ||
      exit.for.some((vehicle) => runner.vehicles.find(vehicle)?.running === true),
  }));
}

/** A notice may quote what a peer sent: a line, an address. */
function printNotice(notice: Notice): void {
  const sign = notice.level === 'warning' ? signs(process.env).warning : ' ';
  process.stderr.write(`  ${sign} ${printable(`${notice.about}: ${notice.text}`)}\n`);
}

/** The author's own words beat the default; a flag beats both. */
function stateDir(flag: string | undefined, base: string, topology: Topology): string {
  if (flag !== undefined) return resolve(flag);
  return resolve(base, topology.state.dir ?? join('.roundabout', topology.name));
}

function readTopology(
  file: string,
  reading: Reading,
): { topology: Topology; bytes: Uint8Array } | undefined {
  const bytes = readBytes(file);
  const { topology, findings, text } = validateText(bytes, file, reading);
  const shown = findings.filter((finding) => finding.severity !== 'info');
  if (shown.length > 0) {
    process.stderr.write(humanFindings(shown, new Map([[file, text]]), painter(process.stderr)));
  }
  return topology && { topology, bytes };
}

/** What flags put in the place of what the file says, at this start and at every edit. */
function overrideOf(amqp: string | undefined): (topology: Topology) => Topology {
  if (amqp === undefined) return (topology) => topology;
  const listen = parseAddress(amqp);
  if (listen === undefined) {
    throw new RoundaboutError('bad-usage', `--amqp ${amqp} is no address`, {
      hint: 'write host:port, or a port on loopback; 0 is any free one',
    });
  }
  return (topology) => ({ ...topology, amqp: { ...topology.amqp, listen } });
}

/** Setting the flag later has no effect, so it must have been there from the start. */
function refuseUnsafeProcess(file: string): void {
  const flags = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  if (flags.includes(FLAG)) return;
  throw new RoundaboutError('unsafe-process', `node was started without ${FLAG}`, {
    hint: `node ${FLAG} ${process.argv[1]} run ${file}`,
  });
}
