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
import type { LanePlan, Plan, StagePlan } from '../topology/plan.ts';
import { type Account, gapsOf } from './account.ts';
import type { BadRecord } from './bad-record.ts';
import { DeadLetterStage } from './dead-letter-stage.ts';
import { ExitStage } from './exit-stage.ts';
import { LaneStage } from './lane-stage.ts';
import { Port } from './port.ts';
import { LaneTime, Progress } from './progress.ts';
import { Stage } from './stage.ts';

/** Rises only when the same log could give other messages; a log of another number is refused. */
export const ENGINE_VERSION = 1;

export interface EngineOptions {
  readonly plan: Plan;
  /** Log time at which the plan comes into force. */
  readonly start: Micros;
  /** By id of the exit; the dead letter's among them. */
  readonly holds: ReadonlyMap<Id, Hold>;
  /** A line was rejected. The record is valid during the call only. */
  readonly onBad?: (lane: string, record: BadRecord) => void;
}

/** Where a stream's watermark comes from. */
type Source =
  | { readonly kind: 'lane'; readonly lane: LaneStage }
  | { readonly kind: 'stage'; readonly index: number };

export class Engine {
  readonly plan: Plan;
  readonly #lanes = new Map<Id, LaneStage>();
  readonly #stages: Stage[] = [];
  readonly #exits: ExitStage[] = [];
  readonly #deadLetter: DeadLetterStage;
  readonly #ports = new Map<string, Port>();
  /** Per stage: where the watermarks of its inputs come from, and what they were last. */
  readonly #sources: (readonly Source[])[] = [];
  readonly #marks: Watermark[][] = [];
  readonly #progress: Progress;
  readonly #context: { lsn: Lsn; at: Micros; tooLarge(exit: string, body: Uint8Array): void };

  constructor(options: EngineOptions) {
    const { plan, start } = options;
    this.plan = plan;
    this.#context = {
      lsn: 0,
      at: start,
      tooLarge: (exit, body) => this.#deadLetter.tooLarge(exit, body),
    };
    const hold = (id: Id): Hold => {
      const found = options.holds.get(id);
      assert(found !== undefined, `exit ${id} has no hold`);
      return found;
    };
    this.#deadLetter = new DeadLetterStage(
      plan.deadLetter,
      hold(plan.deadLetter.id),
      this.#context,
    );
    const sources = new Map<string, Source>();
    for (const lane of plan.lanes) {
      const stage = this.#openLane(lane, options);
      this.#lanes.set(lane.id, stage);
      sources.set(lane.name, { kind: 'lane', lane: stage });
    }
    for (const stage of plan.stages) this.#openStage(stage, sources);
    for (const exit of plan.exits) {
      this.#exits.push(new ExitStage(exit, hold(exit.id), this.#context));
    }
    for (const [stream, port] of this.#ports) {
      port.connect(
        (plan.consumers.get(stream) ?? []).map((consumer) =>
          consumer.kind === 'stage'
            ? { reader: this.#stages[consumer.index], input: consumer.input }
            : { reader: this.#exits[consumer.index], input: 0 },
        ),
      );
    }
    this.#progress = new Progress(
      [...this.#lanes.values()].map((lane) => lane.time),
      start,
    );
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
        this.#lane(entry.lane).chunk(entry.connection, entry.bytes, entry.at);
        break;
      case 'opened':
        this.#lane(entry.lane).opened(entry.connection, entry.at);
        break;
      case 'closed': {
        const lane = this.#lane(entry.lane);
        const runEnded = lane.closed(entry.connection, entry.how, entry.at);
        // A vehicle we start ends its run with its process: the runner writes `finish` then.
        if (runEnded && !lane.plan.supervised && lane.plan.atEnd === 'finish') this.#finish(lane);
        break;
      }
      case 'finish':
        this.#finish(this.#lane(entry.lane));
        break;
      case 'close':
        this.#lane(entry.lane).time.allowed = END;
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
    return this.#stages.some((stage) => stage.waiting) ? this.#next() : END;
  }

  /** Lanes with a line that has not ended yet do not count it. */
  account(): Account {
    const lanes = [...this.#lanes.values()].map((lane) => ({
      name: lane.plan.name,
      lines: lane.lines,
      records: lane.records,
      bad: lane.badLines,
      torn: lane.tornLines,
      empty: lane.emptyLines,
      late: lane.lateRecords,
      bytes: lane.bytes,
    }));
    const operators = this.#stages.map((stage) => ({
      name: stage.plan.name,
      type: stage.plan.definition.type,
      received: stage.received,
      taken: stage.received - stage.filtered - stage.late,
      filtered: stage.filtered,
      late: stage.late,
      gave: stage.emitted,
      openWindows: stage.open.windows,
      openGroups: stage.open.groups,
      openRows: stage.open.rows ?? 0,
    }));
    const exits = this.#exits.map((exit) => ({
      name: exit.plan.name,
      received: exit.received,
      numbered: exit.next - 1,
      tooLarge: exit.tooLarge,
    }));
    const edges = [...this.#ports.values()].flatMap((port) =>
      (this.plan.consumers.get(port.stream) ?? []).map((consumer) => ({
        emitted: port.records,
        reader: consumer,
      })),
    );
    const gaps = gapsOf({ lanes, operators, exits, edges });
    return { lanes, operators, exits, deadLetters: this.#deadLetter.next - 1, gaps };
  }

  /** Each lane's watermark now, by name. */
  watermarks(): ReadonlyMap<string, Watermark> {
    const marks = new Map<string, Watermark>();
    for (const lane of this.#lanes.values()) {
      marks.set(lane.plan.name, lane.time.mark(this.#context.at));
    }
    return marks;
  }

  #openLane(plan: LanePlan, options: EngineOptions): LaneStage {
    return new LaneStage(plan, new LaneTime(plan, options.start), this.#port(plan.name), {
      advanced: () => this.#advance(),
      bad: (record) => {
        if (plan.badRecord === 'dead_letter') this.#deadLetter.badRecord(plan.name, record);
        options.onBad?.(plan.name, record);
      },
    });
  }

  #openStage(plan: StagePlan, sources: Map<string, Source>): void {
    const { name, streams } = plan;
    const inputs = plan.from.map((from) => {
      const source = sources.get(from);
      assert(source !== undefined, `${name} reads ${from}, which does not come before it`);
      return source;
    });
    const index = this.#stages.length;
    for (const stream of streams) sources.set(stream, { kind: 'stage', index });
    // Random bits of this state directory: whoever sends keys can't make them collide.
    const seed = Number.parseInt(this.plan.deadLetter.stream.slice(0, 8), 16) | 0;
    const ports = new Map(streams.map((stream) => [stream, this.#port(stream)]));
    this.#stages.push(new Stage(plan, ports, seed, this.#context));
    this.#sources.push(inputs);
    this.#marks.push(inputs.map(() => BEGINNING));
  }

  #port(stream: string): Port {
    let port = this.#ports.get(stream);
    if (port === undefined) {
      port = new Port(stream);
      this.#ports.set(stream, port);
    }
    return port;
  }

  #lane(id: Id): LaneStage {
    const lane = this.#lanes.get(id);
    assert(lane !== undefined, `the log names lane ${id}, which the plan lacks`);
    return lane;
  }

  #wakeUp(at: Micros): void {
    for (const lane of this.#lanes.values()) lane.abandoned(this.#context.at);
    const lanes = [...this.#lanes.values()].filter((lane) => lane.time.allowed === END);
    for (const lane of lanes) lane.time.startOver();
    if (lanes.length > 0) {
      for (const stage of this.#stages) stage.startOver();
      for (const marks of this.#marks) marks.fill(BEGINNING);
    }
    this.#progress.sleptUntil(at);
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
    this.#progress.moveTo(at);
    this.#advance();
  }

  /** Lets every stage emit and forget what its inputs' watermarks, and the time, have closed. */
  #advance(): void {
    const now = this.#context.at;
    for (let i = 0; i < this.#stages.length; i++) {
      const stage = this.#stages[i];
      const marks = this.#marks[i];
      let moved = stage.arrival || stage.due <= now;
      let ended = true;
      for (let input = 0; input < marks.length; input++) {
        const source = this.#sources[i][input];
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
      : this.#stages[source.index].ended;
  }

  #markOf(source: Source): Watermark {
    return source.kind === 'lane'
      ? source.lane.time.mark(this.#context.at)
      : this.#stages[source.index].passedOn;
  }

  /** The next time at which anything changes by the passing of time alone. */
  #next(): Micros {
    let next = this.#progress.next;
    for (let i = 0; i < this.#stages.length; i++) {
      const stage = this.#stages[i];
      next = Math.min(next, stage.due);
      const sources = this.#sources[i];
      for (let input = 0; input < sources.length; input++) {
        const mark = stage.pending(input);
        if (mark !== END) next = Math.min(next, this.#reaches(sources[input], mark));
      }
    }
    return next;
  }

  #reaches(source: Source, mark: Watermark): Micros {
    if (source.kind === 'lane') {
      return this.#progress.reaches(source.lane.time, mark, this.#context.at);
    }
    const stage = this.#stages[source.index];
    // A window by arrival passes on log time - 1 us; other stages pass on what they get.
    if (stage.arrival) return mark + 1;
    let at: Micros = BEGINNING;
    this.#sources[source.index].forEach((input, i) => {
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
    this.#stages.forEach((stage, i) => {
      const times = this.#sources[i].flatMap((source) => {
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
    const stage = this.#stages[source.index];
    return Math.max(
      ...this.#sources[source.index].map((input, i) =>
        this.#markFor(input, stage.closesWindows ? stage.needs(i, mark) : mark, lane),
      ),
    );
  }
}
