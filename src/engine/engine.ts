/**
 * The deterministic machine: log entries in, numbered messages out. The same entries always give the
 * same messages, byte for byte. It does no I/O and knows no clock; state and timers live here.
 *
 * Order inside one entry: log time moves to the entry's time and whatever falls due on the way fires,
 * by (time, stage); then the payload; then watermarks. A batch goes depth first; stages and readers
 * follow the plan's order, which depends on names alone.
 */
import assert from 'node:assert';
import type { Id, LogEntry, Lsn } from '../stream/entry.ts';
import type { Hold } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, type Watermark } from '../stream/watermark.ts';
import type { Consumer, LanePlan, Plan } from '../topology/plan.ts';
import { type Account, gapsOf } from './account.ts';
import type { BadRecord } from './bad-record.ts';
import { DeadLetterStage } from './dead-letter-stage.ts';
import type { StageContext } from './exit-stage.ts';
import { Graph, type Source, type Surroundings } from './graph.ts';
import type { LaneOutlet, LaneStage } from './lane-stage.ts';
import { type LoadedTable, type TableContent, Tables } from './tables.ts';

/** Rises only when the same log could give other messages, or could not be read; one of another number is refused. */
export const ENGINE_VERSION = 3;

export interface EngineOptions {
  readonly plan: Plan;
  /** Log time at which the plan comes into force. */
  readonly start: Micros;
  /** By id of the exit; the dead letter's among them. */
  readonly holds: ReadonlyMap<Id, Hold>;
  /**
   * 32 random bits that the hashes of keys begin with, drawn anew for each process: whoever sends keys
   * can't make them collide. No result depends on them.
   */
  readonly seed: number;
  /** A line was rejected. The record is valid during the call only. */
  readonly onBad?: (lane: LanePlan, record: BadRecord) => void;
}

export class Engine {
  #graph: Graph;
  readonly #surroundings: Surroundings;
  readonly #deadLetter: DeadLetterStage;
  readonly #context: StageContext & { lsn: Lsn; at: Micros };
  /** Sums that did not hold under plans before this one. */
  readonly #earlierGaps: string[] = [];

  constructor(options: EngineOptions) {
    const { plan, start } = options;
    const hold = (id: Id): Hold => {
      const found = options.holds.get(id);
      assert(found !== undefined, `exit ${id} has no hold`);
      return found;
    };
    this.#context = {
      lsn: 0,
      at: start,
      tooLarge: (exit, body) => this.#deadLetter.tooLarge(exit, body),
      rejected: (operator, records) => this.#deadLetter.rejected(operator, records),
    };
    this.#deadLetter = new DeadLetterStage(
      plan.deadLetter,
      hold(plan.deadLetter.id),
      this.#context,
    );
    this.#surroundings = {
      context: this.#context,
      hold,
      outlet: (lane) => this.#outlet(lane, options),
      tables: new Tables(options.seed),
      seed: options.seed,
    };
    this.#graph = new Graph(plan, this.#surroundings, start);
  }

  get plan(): Plan {
    return this.#graph.plan;
  }

  /**
   * Goes on under another plan from log time `at` on. What can be kept is kept; see `Graph`. The holds of its
   * exits must be among those given at the start.
   */
  rewire(plan: Plan, at: Micros): void {
    this.#moveTime(at);
    this.#earlierGaps.push(...this.account().gaps);
    this.#graph = new Graph(plan, this.#surroundings, at, this.#graph);
    this.#advance(true);
  }

  /** The tables of the plan in force, by id. */
  get tables(): ReadonlyMap<Id, LoadedTable> {
    return this.#surroundings.tables.loaded;
  }

  /** A content that the log is about to bring. It may be left out. */
  expect(content: TableContent): void {
    this.#surroundings.tables.expect(content);
  }

  /** Takes the next entry of the log. Entries never go back in time. */
  feed(entry: LogEntry): void {
    assert(entry.at >= this.#context.at, 'log time went back');
    this.#context.lsn = entry.lsn;
    // Nobody listened since the last entry, so no lane has been silent; see Progress.
    if (entry.kind === 'restart') this.#wakeUp(entry.at);
    this.#moveTime(entry.at);
    switch (entry.kind) {
      case 'chunk':
        this.#graph.lane(entry.lane).chunk(entry.connection, entry.bytes, entry.at);
        break;
      case 'opened':
        this.#graph.lane(entry.lane).opened(entry.connection, entry.at);
        break;
      case 'closed': {
        const lane = this.#graph.lane(entry.lane);
        const runEnded = lane.closed(entry.connection, entry.how, entry.at);
        // A vehicle we start ends its run with its process: the runner writes `finish` then.
        if (runEnded && !lane.plan.supervised && lane.plan.atEnd === 'finish') this.#finish(lane);
        break;
      }
      case 'finish':
        this.#finish(this.#graph.lane(entry.lane));
        break;
      case 'close':
        this.#graph.lane(entry.lane).time.allowed = END;
        break;
      case 'redirect':
        this.#redirect(entry);
        break;
      case 'lookup':
        this.#surroundings.tables.take(entry);
        break;
      case 'tick':
      case 'run':
      case 'commit':
      case 'restart':
        break;
    }
    this.#advance();
  }

  /**
   * The log time at which a result would leave, or state be forgotten, though no entry came; Infinity:
   * never. Someone must then append a `tick`. With no state open it is never: an idle flow writes nothing.
   */
  due(): Micros {
    return this.#graph.stages.some((stage) => stage.waiting) ? this.#next() : END;
  }

  /** Lanes with a line that has not ended yet do not count it. */
  account(): Account {
    const lanes = [...this.#graph.lanes.values()].map((lane) => ({
      name: lane.plan.name,
      lines: lane.lines,
      records: lane.records,
      bad: lane.badLines,
      torn: lane.tornLines,
      empty: lane.emptyLines,
      late: lane.lateRecords,
      bytes: lane.bytes,
    }));
    const operators = this.#graph.stages.map((stage) => ({
      name: stage.plan.name,
      type: stage.plan.definition.type,
      received: stage.received,
      taken: stage.received - stage.filtered - stage.dead - stage.late,
      filtered: stage.filtered,
      dead: stage.dead,
      late: stage.late,
      gave: stage.emitted,
      openWindows: stage.open.windows,
      openGroups: stage.open.groups,
      openRows: stage.open.rows ?? 0,
      tableRows: stage.open.tableRows ?? 0,
    }));
    const { goneExits } = this.#graph;
    const exits = [...this.#graph.exits, ...goneExits.values()].map((exit) => ({
      name: exit.plan.name,
      received: exit.received,
      numbered: exit.next - 1,
      tooLarge: exit.tooLarge,
      moved: exit.moved,
    }));
    const gaps = [
      ...this.#earlierGaps,
      ...gapsOf({ lanes, operators, exits, edges: this.#edges() }),
    ];
    return { lanes, operators, exits, deadLetters: this.#deadLetter.next - 1, gaps };
  }

  /** What each reader was sent: by plans before this one, and by every stream it reads under this. */
  #edges(): { readonly emitted: number; readonly reader: Consumer }[] {
    const { stages, exits, goneExits, ports } = this.#graph;
    const before = [
      ...stages.map(({ receivedBefore }, index) => ({
        emitted: receivedBefore,
        reader: { kind: 'stage', index, input: 0 } as const,
      })),
      ...[
        ...exits.map(({ receivedBefore }) => receivedBefore),
        ...[...goneExits.values()].map(({ received }) => received),
      ].map((emitted, index) => ({ emitted, reader: { kind: 'exit', index } as const })),
    ];
    const now = [...ports.values()].flatMap((port) =>
      (this.plan.consumers.get(port.stream) ?? []).map((reader) => ({
        emitted: port.records,
        reader,
      })),
    );
    return [...before, ...now];
  }

  /** Each lane's watermark now, by name. */
  watermarks(): ReadonlyMap<string, Watermark> {
    const marks = new Map<string, Watermark>();
    for (const lane of this.#graph.lanes.values()) {
      marks.set(lane.plan.name, lane.time.mark(this.#context.at));
    }
    return marks;
  }

  /** How many records each stream has carried under the plan in force, by its name. */
  carried(): ReadonlyMap<string, number> {
    return new Map([...this.#graph.ports.values()].map(({ stream, records }) => [stream, records]));
  }

  #outlet(plan: LanePlan, { onBad }: EngineOptions): LaneOutlet {
    return {
      advanced: () => this.#advance(),
      bad: (record) => {
        if (plan.badRecord !== 'skip') this.#deadLetter.badRecord(plan.name, record);
        onBad?.(plan, record);
      },
    };
  }

  #redirect(entry: Extract<LogEntry, { readonly kind: 'redirect' }>): void {
    const { exits, goneExits } = this.#graph;
    // A gone exit still serves what it holds, and what it holds can still be refused.
    const exit = exits.find(({ plan }) => plan.id === entry.exit) ?? goneExits.get(entry.exit);
    assert(exit !== undefined, `the log names exit ${entry.exit}, which no plan had`);
    exit.moved++;
    this.#deadLetter.redirected(exit.plan.name, entry);
  }

  #wakeUp(at: Micros): void {
    for (const lane of this.#graph.lanes.values()) lane.abandoned(this.#context.at);
    const lanes = [...this.#graph.lanes.values()].filter((lane) => lane.time.allowed === END);
    for (const lane of lanes) lane.time.startOver();
    if (lanes.length > 0) {
      for (const stage of this.#graph.stages) stage.startOver();
      for (const marks of this.#graph.marks) marks.fill(BEGINNING);
    }
    this.#graph.progress.sleptUntil(at);
  }

  /** Moves log time, firing on the way what falls due, each at its own time. */
  #moveTime(to: Micros): void {
    for (let at = this.#next(); at <= to; at = this.#next()) {
      assert(at > this.#context.at, 'a timer does not go off');
      this.#standAt(at);
    }
    this.#standAt(to);
  }

  #standAt(at: Micros): void {
    this.#context.at = at;
    this.#graph.progress.moveTo(at);
    this.#advance();
  }

  /**
   * Lets every stage emit and forget what its inputs' watermarks, and the time, have closed.
   * @param all also those whose inputs' watermarks have not moved
   */
  #advance(all = false): void {
    const now = this.#context.at;
    for (let i = 0; i < this.#graph.stages.length; i++) {
      const stage = this.#graph.stages[i];
      const marks = this.#graph.marks[i];
      let moved = all || stage.arrival || stage.due <= now;
      let ended = true;
      for (let input = 0; input < marks.length; input++) {
        const source = this.#graph.sources[i][input];
        const mark = this.#markOf(source);
        if (mark > marks[input]) {
          marks[input] = mark;
          moved = true;
        }
        ended &&= this.#hasEnded(source);
      }
      moved ||= ended && !stage.ended;
      stage.ended = ended;
      // The end of all input closes what otherwise only the clock would.
      if (moved) stage.moveTo(marks, ended ? END : now);
    }
  }

  /** Also of a stream that never says how far time has come. */
  #hasEnded(source: Source): boolean {
    return source.kind === 'lane'
      ? source.lane.time.allowed === END
      : this.#graph.stages[source.index].ended;
  }

  #markOf(source: Source): Watermark {
    return source.kind === 'lane'
      ? source.lane.time.mark(this.#context.at)
      : this.#graph.stages[source.index].passedOn;
  }

  /** The next time at which anything changes by the passing of time alone. */
  #next(): Micros {
    let next = this.#graph.progress.next;
    for (let i = 0; i < this.#graph.stages.length; i++) {
      const stage = this.#graph.stages[i];
      next = Math.min(next, stage.due);
      const sources = this.#graph.sources[i];
      for (let input = 0; input < sources.length; input++) {
        const mark = stage.pending(input);
        // One that has been reached waits for another input's.
        if (mark !== END && mark > this.#graph.marks[i][input])
          next = Math.min(next, this.#reaches(sources[input], mark));
      }
    }
    return next;
  }

  #reaches(source: Source, mark: Watermark): Micros {
    if (source.kind === 'lane') {
      return this.#graph.progress.reaches(source.lane.time, mark, this.#context.at);
    }
    const stage = this.#graph.stages[source.index];
    // A window by arrival passes on log time - 1 us; other stages pass on what they get.
    if (stage.arrival) return mark + 1;
    let at: Micros = BEGINNING;
    this.#graph.sources[source.index].forEach((input, i) => {
      at = Math.max(at, this.#reaches(input, stage.needs(i, mark)));
    });
    return at;
  }

  /**
   * A clean end of a run: the lane's time moves just far enough to close every window downstream that
   * holds its newest record, also where windows follow windows.
   */
  #finish(lane: LaneStage): void {
    const { newest } = lane.time;
    if (newest === BEGINNING) return;
    let mark: Watermark = BEGINNING;
    /** By stage: the time of the newest record that it will have made of the lane's; undefined: of none. */
    const made: (Micros | undefined)[] = [];
    this.#graph.stages.forEach((stage, i) => {
      const times = this.#graph.sources[i].flatMap((source, input) => {
        // What does not hold the stage's time back is not closed by it either.
        if (stage.needs(input, END) === BEGINNING) return [];
        if (source.kind === 'stage') return made[source.index] ?? [];
        return source.lane === lane ? newest : [];
      });
      // Windows by arrival, and so what follows them, go by another time than the lane's.
      if (times.length === 0 || stage.arrival) return;
      const time = Math.max(...times);
      const closing = stage.closingMark(time);
      made[i] = Math.max(time, closing);
      if (closing === BEGINNING) return;
      mark = Math.max(mark, this.#markFor({ kind: 'stage', index: i }, closing, lane));
    });
    lane.time.allowed = Math.max(lane.time.allowed, mark);
  }

  /**
   * The least watermark of a lane at which a source passes `mark` on, as far as it depends on that lane and on
   * windows: what else holds time back, such as a join, keeps waiting.
   */
  #markFor(source: Source, mark: Watermark, lane: LaneStage): Watermark {
    if (source.kind === 'lane') return source.lane === lane ? mark : BEGINNING;
    const stage = this.#graph.stages[source.index];
    return Math.max(
      ...this.#graph.sources[source.index].map((input, i) =>
        this.#markFor(input, stage.closesWindows ? stage.needs(i, mark) : mark, lane),
      ),
    );
  }
}
