/**
 * One test of a topology, from its first step to the first that fails. The same file and the same test always
 * come to the same outcome: nothing in it depends on a clock, a socket or chance.
 */
import { Buffer } from 'node:buffer';
import { LF } from '../codecs/lines.ts';
import type { Path } from '../diagnostics/report.ts';
import { validateText } from '../rules/validate.ts';
import type { ReloadResult } from '../runner/reload.ts';
import { RoundaboutError } from '../stream/error.ts';
import { formatInstant, type Micros } from '../stream/time.ts';
import { BEGINNING, END } from '../stream/watermark.ts';
import type { Change } from '../topology/changes.ts';
import { parseInstant } from '../topology/instant.ts';
import type { Lane, Topology } from '../topology/topology.ts';
import type { Expected, FedLine, Look, TestStep, TopologyTest } from '../topology/topology-test.ts';
import { csvHeader, csvLine, firstLineOf } from './csv-line.ts';
import { type Arrival, Exits } from './exits.ts';
import { judge } from './judge.ts';
import type { Failure, Recorded, TestOutcome } from './outcome.ts';
import { World } from './world.ts';

/** What files that a test leads to may have. */
const OF_FILES: ReadonlySet<string> = new Set(['file-unreadable', 'bad-table']);

export interface TestOptions {
  readonly topology: Topology;
  /** Reads a file that a test, or a table, names. @throws RoundaboutError `file-unreadable` */
  readonly read: (file: string) => Uint8Array;
  /** Take what comes for what was expected where the author left that empty. */
  readonly record: boolean;
}

export async function runTest(test: TopologyTest, options: TestOptions): Promise<TestOutcome> {
  const { topology, read: readTable } = options;
  const world = await World.open({ topology, readTable, start: test.start });
  try {
    const run = new TestRun(world, options);
    for (const [index, step] of test.steps.entries()) {
      await run.take(step, index);
      if (run.failures.length > 0) break;
    }
    if (run.failures.length === 0) run.balance(test);
    return {
      name: test.name,
      path: test.path,
      failures: run.failures,
      recorded: run.recorded,
      virtual: world.now - test.start,
      carried: new Set([...world.carried()].flatMap(([name, n]) => (n > 0 ? [name] : []))),
    };
  } finally {
    await world.end();
  }
}

class TestRun {
  readonly failures: Failure[] = [];
  readonly recorded: Recorded[] = [];
  readonly #world: World;
  readonly #exits: Exits;
  readonly #options: TestOptions;
  #step = 0;

  constructor(world: World, options: TestOptions) {
    this.#world = world;
    this.#options = options;
    this.#exits = new Exits(world);
  }

  async take(step: TestStep, index: number): Promise<void> {
    this.#step = index + 1;
    try {
      await this.#do(step);
      do {
        await this.#world.settle();
        await this.#exits.collect({ number: this.#step, path: step.path });
      } while (this.#world.readOn());
    } catch (error) {
      // Whatever else stops a flow is no matter of what the test says.
      if (!(error instanceof RoundaboutError) || !OF_FILES.has(error.slug)) throw error;
      this.#fail(step.path, step.kind, error.message);
    }
  }

  /** Every line and record must be somewhere. */
  balance({ path }: TopologyTest): void {
    const [gap] = this.#world.account().gaps;
    if (gap !== undefined) this.#fail(path, 'account', `it does not add up: ${gap}`);
  }

  async #do(step: TestStep): Promise<void> {
    const world = this.#world;
    switch (step.kind) {
      case 'feed':
        this.#feed(step);
        break;
      case 'advance':
        await world.advance(step.by);
        break;
      case 'attach':
        if (step.side !== 'exits') world.connect(step.vehicle);
        if (step.side !== 'lanes') this.#exits.attach(step.vehicle, step.credit, step.outcome);
        break;
      case 'detach':
        if (step.side !== 'exits') world.disconnect(step.vehicle, step.end);
        if (step.side !== 'lanes') this.#exits.detach(step.vehicle);
        break;
      case 'reload':
        await this.#reload(step);
        break;
      case 'restart':
        await world.restart();
        break;
      case 'close':
        world.close();
        break;
      case 'expect':
        for (const look of step.looks) this.#look(look);
        break;
    }
  }

  #feed({ lanes }: TestStep & { readonly kind: 'feed' }): void {
    for (const { lane, path, data } of lanes) {
      const declared = this.#world.topology.lanes.get(lane);
      if (declared === undefined) {
        this.#fail(path, 'feed', `there is no lane "${lane}" now`);
      } else if ('file' in data) {
        const bytes = this.#options.read(data.file);
        if (bytes.length > 0) this.#world.feed(lane, ended(declared, bytes));
      } else {
        this.#feedLines(declared, data.lines);
      }
    }
  }

  /** The lines of a step come at once, as a vehicle writes them. */
  #feedLines(lane: Lane, lines: readonly FedLine[]): void {
    const { name, codec } = lane;
    const parts: Uint8Array[] = [];
    let first = this.#world.firstLine(name);
    const add = (text: string): void => {
      const bytes = Buffer.from(text);
      first ??= firstLineOf(bytes);
      parts.push(ended(lane, bytes));
    };
    for (const { text, record } of lines) {
      const cells = record !== null && codec.kind === 'csv';
      const header = cells && first === undefined ? csvHeader(lane, codec) : undefined;
      if (header !== undefined) add(header);
      add(cells ? csvLine(record, codec, first) : text);
    }
    if (parts.length > 0) this.#world.feed(name, Buffer.concat(parts));
  }

  async #reload({ path, file, fates }: TestStep & { readonly kind: 'reload' }): Promise<void> {
    const next = file === null ? this.#world.topology : this.#edited(file, path);
    if (next === undefined) return;
    const result = await this.#world.reload(next);
    const refused = result.kind === 'refused' ? result.refusals : [];
    for (const { name, message, hint } of refused) {
      if (fates.get(name) !== 'refused') {
        this.#fail(path, 'reload', `refused: ${message} (${hint})`);
      }
    }
    for (const [name, fate] of fates) {
      const was = fateOf(name, result, next);
      if (was !== fate) {
        const found = was === undefined ? `nothing is called "${name}"` : `"${name}" is ${was}`;
        this.#fail([...path, 'expect', name], 'reload', `${found}, not ${fate}`);
      }
    }
  }

  #edited(file: string, path: Path): Topology | undefined {
    const { topology, findings } = validateText(this.#options.read(file), file);
    if (topology !== undefined) return topology;
    const first = findings.find(({ severity }) => severity === 'error');
    const place = first === undefined ? file : `${file}:${first.at.line}:${first.at.column}`;
    this.#fail([...path, 'file'], 'reload', `${place}: ${first?.message} (${first?.rule})`);
    return undefined;
  }

  #look(look: Look): void {
    switch (look.what) {
      case 'exit': {
        const came = this.#exits.look(look.exit);
        if (came === undefined) this.#gone(look.path, `expect ${look.exit}`, 'exit', look.exit);
        else this.#compare(look, `expect ${look.exit}`, came);
        break;
      }
      case 'received': {
        const came = this.#exits.received(look.vehicle, look.exit);
        this.#compare(look, `expect received ${look.vehicle} ${look.exit}`, came);
        break;
      }
      case 'held':
        this.#count(look, this.#exits.held(look.name), 'exit');
        break;
      case 'late':
        this.#count(look, lateOf(this.#world, look.name), 'lane or operator');
        break;
      case 'watermark':
        this.#watermark(look);
        break;
    }
  }

  #compare(
    { path, expected }: { readonly path: Path; readonly expected: Expected | null },
    what: string,
    came: readonly Arrival[],
  ): void {
    if (expected !== null) {
      const verdict = judge(expected, came);
      if (verdict !== undefined) this.#fail(path, what, verdict.message, verdict);
    } else if (this.#options.record) {
      this.recorded.push({ path, records: came.map(({ record }) => record) });
    } else {
      this.#fail(path, what, 'nothing is expected here yet; --record fills it in');
    }
  }

  #count(
    { path, what, name, count }: Look & { readonly what: 'held' | 'late' },
    found: number | undefined,
    noun: string,
  ): void {
    const about = `expect ${what} ${name}`;
    if (found === undefined) this.#gone(path, about, noun, name);
    else if (found !== count) this.#fail(path, about, `it is ${found}, not ${count}`);
  }

  #watermark({ path, name, at }: Look & { readonly what: 'watermark' }): void {
    const about = `expect watermark ${name}`;
    const mark = this.#world.watermarks().get(name);
    if (mark === undefined) {
      this.#gone(path, about, 'lane', name);
      return;
    }
    const found =
      mark === BEGINNING ? 'none' : mark === END ? 'end' : formatInstant(mark as Micros);
    if (found !== at && mark !== parseInstant(at)) {
      this.#fail(path, about, `it is ${found}, not ${at}`);
    }
  }

  #gone(path: Path, what: string, noun: string, name: string): void {
    this.#fail(path, what, `there is no ${noun} "${name}" now`);
  }

  #fail(
    path: Path,
    what: string,
    message: string,
    { rows, columns }: Pick<Failure, 'rows' | 'columns'> = { rows: [], columns: [] },
  ): void {
    this.failures.push({ path, step: this.#step, what, message, rows, columns });
  }
}

/** What became of an element: of lanes and operators before exits and vehicles of the same name. */
function fateOf(name: string, result: ReloadResult, next: Topology): string | undefined {
  if (result.kind === 'refused' && result.refusals.some((one) => one.name === name)) {
    return 'refused';
  }
  if (result.kind === 'unchanged') {
    const all = [next.lanes, next.operators, next.exits, next.vehicles];
    return all.some((elements) => elements.has(name)) ? 'kept' : undefined;
  }
  const order: readonly Change['kind'][] = ['lane', 'operator', 'exit', 'vehicle'];
  return order
    .map((kind) => result.changes.find((one) => one.kind === kind && one.name === name)?.fate)
    .find((fate) => fate !== undefined);
}

function lateOf(world: World, name: string): number | undefined {
  const { lanes, operators } = world.account();
  return [...lanes, ...operators].find((one) => one.name === name)?.late;
}

/** The end of the last line may have been left out, and is meant all the same. */
function ended({ codec }: Lane, bytes: Uint8Array): Uint8Array {
  const end = codec.kind === 'text' ? codec.separator.charCodeAt(0) : LF;
  return bytes.at(-1) === end ? bytes : Buffer.concat([bytes, Uint8Array.of(end)]);
}
