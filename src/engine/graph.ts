/**
 * The running graph of one plan: lanes, stages and exits joined by ports, with what each has seen so far. A
 * graph made after another takes over what goes on: counters, unfinished lines, times, numbers, and the state
 * of every operator that can keep it. Nothing is copied, so it takes no longer however much state there is.
 */
import assert from 'node:assert';
import type { Id } from '../stream/entry.ts';
import type { Hold } from '../stream/port.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, type Watermark } from '../stream/watermark.ts';
import { formerName } from '../topology/canonical.ts';
import type { LanePlan, Plan, StagePlan } from '../topology/plan.ts';
import { laneStreamNames } from '../topology/streams.ts';
import { ExitStage, type StageContext } from './exit-stage.ts';
import { LaneOut } from './lane-out.ts';
import { type LaneOutlet, LaneStage } from './lane-stage.ts';
import { Port } from './port.ts';
import { LaneTime, Progress } from './progress.ts';
import { Stage } from './stage.ts';
import type { Tables } from './tables.ts';

/** Where a stream's watermark comes from. */
export type Source =
  | { readonly kind: 'lane'; readonly lane: LaneStage }
  | { readonly kind: 'stage'; readonly index: number };

/** What surrounds a graph, and stays when it is replaced. */
export interface Surroundings {
  readonly context: StageContext;
  readonly outlet: (plan: LanePlan) => LaneOutlet;
  readonly hold: (id: Id) => Hold;
  readonly tables: Tables;
  /** Of the hashes of tables; no result depends on it. */
  readonly seed: number;
}

export class Graph {
  readonly plan: Plan;
  readonly lanes = new Map<Id, LaneStage>();
  readonly stages: Stage[] = [];
  readonly exits: ExitStage[] = [];
  /** Gone from the plan; one that comes back goes on with its numbers. */
  readonly goneExits = new Map<Id, ExitStage>();
  readonly ports = new Map<string, Port>();
  /** Per stage: where the watermarks of its inputs come from, and what they were last. */
  readonly sources: (readonly Source[])[] = [];
  readonly marks: Watermark[][] = [];
  readonly progress: Progress;
  readonly #former: Graph | undefined;

  /** @param former the graph it takes the place of, which must not be used any more */
  constructor(plan: Plan, around: Surroundings, now: Micros, former?: Graph) {
    this.plan = plan;
    this.#former = former;
    const sources = new Map<string, Source>();
    for (const lane of plan.lanes) {
      const stage = this.#openLane(lane, around, now);
      this.lanes.set(lane.id, stage);
      for (const stream of laneStreamNames(lane))
        sources.set(stream, { kind: 'lane', lane: stage });
    }
    for (const stage of plan.stages) this.#openStage(stage, sources, around);
    around.tables.keep(new Set(plan.stages.flatMap(({ table }) => table?.id ?? [])));
    for (const exit of [...(former?.goneExits.values() ?? []), ...(former?.exits ?? [])]) {
      this.goneExits.set(exit.plan.id, exit);
    }
    for (const exit of plan.exits) {
      const before = this.goneExits.get(exit.id);
      this.goneExits.delete(exit.id);
      this.exits.push(new ExitStage(exit, around.hold(exit.id), around.context, before));
    }
    this.#connect();
    this.progress = new Progress(
      [...this.lanes.values()].map((lane) => lane.time),
      now,
    );
    this.#raiseLanes();
    this.#former = undefined;
  }

  lane(id: Id): LaneStage {
    const lane = this.lanes.get(id);
    assert(lane !== undefined, `the log names lane ${id}, which the plan lacks`);
    return lane;
  }

  #openLane(plan: LanePlan, around: Surroundings, now: Micros): LaneStage {
    const former = this.#former?.lanes.get(plan.id);
    const time = new LaneTime(plan, now, former?.time);
    const out = new LaneOut(plan, (stream) => this.#port(stream));
    return new LaneStage(plan, time, out, around.outlet(plan), former);
  }

  #openStage(plan: StagePlan, sources: Map<string, Source>, around: Surroundings): void {
    const { name, streams } = plan;
    const inputs = plan.from.map((from) => {
      const source = sources.get(from);
      assert(source !== undefined, `${name} reads ${from}, which does not come before it`);
      return source;
    });
    const index = this.stages.length;
    for (const stream of streams) sources.set(stream, { kind: 'stage', index });
    const ports = new Map(streams.map((stream) => [stream, this.#port(stream)]));
    const former = this.#formerStage(plan);
    const table = plan.table === null ? undefined : around.tables.open(plan.table);
    const stage = new Stage(plan, ports, around.seed, around.context, former?.stage, table);
    this.stages.push(stage);
    this.sources.push(inputs);
    // What has been closed stays closed, wherever its records come from now.
    const marks = stage.carriesOn ? former?.marks : undefined;
    this.marks.push(inputs.map((_, input) => marks?.[input] ?? BEGINNING));
  }

  #formerStage(plan: StagePlan): { stage: Stage; marks: readonly Watermark[] } | undefined {
    const former = this.#former;
    if (former === undefined) return undefined;
    const names = (of: Plan): Map<string, number> =>
      new Map(of.stages.map((stage, index) => [stage.name, index]));
    const before = names(former.plan);
    const index = before.get(formerName(plan, names(this.plan), before));
    return index === undefined
      ? undefined
      : { stage: former.stages[index], marks: former.marks[index] };
  }

  #port(stream: string): Port {
    let port = this.ports.get(stream);
    if (port === undefined) {
      port = new Port(stream);
      this.ports.set(stream, port);
    }
    return port;
  }

  #connect(): void {
    for (const [stream, port] of this.ports) {
      port.connect(
        (this.plan.consumers.get(stream) ?? []).map((consumer) =>
          consumer.kind === 'stage'
            ? { reader: this.stages[consumer.index], input: consumer.input }
            : { reader: this.exits[consumer.index], input: 0 },
        ),
      );
    }
  }

  /**
   * A stage that carries on has closed all up to its marks. No lane behind it may bring older records as if
   * they were on time: they would open again what has left.
   */
  #raiseLanes(): void {
    this.stages.forEach((stage, index) => {
      if (!stage.carriesOn) return;
      this.marks[index].forEach((mark, input) => {
        if (mark !== BEGINNING) this.#raise(this.sources[index][input], mark);
      });
    });
  }

  #raise(source: Source, mark: Watermark): void {
    if (source.kind === 'lane') {
      source.lane.time.allowed = Math.max(source.lane.time.allowed, mark);
      return;
    }
    const stage = this.stages[source.index];
    this.sources[source.index].forEach((input, i) => {
      this.#raise(input, stage.needs(i, mark));
    });
  }
}
