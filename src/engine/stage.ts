/**
 * An operator in the running graph: its state, its ports, the watermark it has passed on, and the
 * account of every record that entered it.
 */
import assert from 'node:assert';
import type { Emitter, Operator, OperatorDefinition } from '../operators/operator.ts';
import type { StateShape } from '../operators/operator-state.ts';
import type { Batch } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, END, type Watermark } from '../stream/watermark.ts';
import { carryOf, keepsOfRecords } from '../topology/changes.ts';
import type { StagePlan } from '../topology/plan.ts';
import type { StageContext } from './exit-stage.ts';
import type { Port, Reader } from './port.ts';
import { createState, type EngineState, type Open } from './state.ts';
import type { LoadedTable } from './tables.ts';

export class Stage implements Reader {
  readonly plan: StagePlan;
  readonly arrival: boolean;
  passedOn: Watermark = BEGINNING;
  /** It works on the state that the stage before it had. */
  readonly carriesOn: boolean;
  /** All that it reads has come to its end. */
  ended = false;
  received: number;
  /** Under plans before this one. */
  readonly receivedBefore: number;
  filtered: number;
  /** Records that it could not take. */
  dead: number;
  late: number;
  readonly #emittedBefore: number;
  readonly #state: EngineState;
  readonly #operator: Operator;
  readonly #emitter: Emitter;
  readonly #ports: ReadonlyMap<string, Port>;

  /**
   * @param ports its streams by name
   * @param seed of its state's hashes
   * @param context of whatever entry is at work
   * @param former the stage it takes the place of
   * @param table if it has one
   */
  constructor(
    plan: StagePlan,
    ports: ReadonlyMap<string, Port>,
    seed: number,
    context: StageContext,
    former?: Stage,
    table?: LoadedTable,
  ) {
    this.plan = plan;
    this.received = former?.received ?? 0;
    this.receivedBefore = this.received;
    this.filtered = former?.filtered ?? 0;
    this.dead = former?.dead ?? 0;
    this.late = former?.late ?? 0;
    this.#emittedBefore = former?.emitted ?? 0;
    this.#ports = ports;
    // The list holds definitions whose types only they know; `checked` is what this one's check made.
    const definition = plan.definition as unknown as OperatorDefinition<unknown, unknown>;
    const shape = definition.state(plan.checked);
    this.arrival = shape.kind === 'windows' && shape.time === 'arrival';
    const kept = keepsOfRecords(shape) ? former?.handOver(plan) : undefined;
    this.carriesOn = kept !== undefined;
    this.#state = kept ?? stateOf(shape, seed, table);
    this.#operator = definition.open(plan.checked, this.#state);
    this.#emitter = {
      get now() {
        return context.at;
      },
      emit: (batch, stream = plan.name) => {
        const port = ports.get(stream);
        assert(port !== undefined, `${plan.name} has no stream ${stream}`);
        port.emit(batch);
      },
      drop: (why, records) => {
        if (why === 'late') this.late += records;
        else this.filtered += records;
      },
      reject: (reason, detail, batch, rows, count) => {
        this.dead += count;
        context.rejected(plan.name, { reason, detail, batch, rows, count });
      },
    };
  }

  /** Its state, as the stage of `plan` can use it; undefined: it cannot. This one must not be used any more. */
  handOver(plan: StagePlan): EngineState | undefined {
    const carry = carryOf(this.plan, plan);
    if (carry.kind === 'reset') return undefined;
    if (carry.kind === 'adapted') {
      const shape = plan.definition.state(plan.checked as never);
      const kinds = 'accumulators' in shape ? shape.accumulators : [];
      this.#state.adapt?.(kinds, carry.accumulators);
    }
    return this.#state;
  }

  read(batch: Batch, input: number): void {
    this.received += batch.selected;
    this.#operator.onBatch(batch, input, this.#emitter);
  }

  /** Emits and forgets what `inputs` and `now` close, and moves its own watermark. */
  moveTo(inputs: readonly Watermark[], now: Micros): void {
    const mark = this.#operator.onTime({ inputs, now }, this.#emitter);
    assert(mark >= this.passedOn, `the watermark of ${this.plan.name} fell`);
    this.passedOn = mark;
  }

  /** After a bounded run, a later process starts time over: what was passed on no longer binds. */
  startOver(): void {
    this.passedOn = BEGINNING;
    this.ended = false;
    this.#state.startOver?.();
  }

  /** The least watermark of an input at which it emits or forgets something; END: it waits for none. */
  pending(input: number): Watermark {
    return this.#operator.pending?.(input) ?? END;
  }

  /** The log time at which it does so whatever the watermarks are; END: never. */
  get due(): Micros {
    return this.#operator.due?.() ?? END;
  }

  /** Something is open that time will close. */
  get waiting(): boolean {
    if (this.due !== END) return true;
    return this.plan.from.some((_, input) => this.pending(input) !== END);
  }

  /** The least watermark of an input at which it passes `mark` on. */
  needs(input: number, mark: Watermark): Watermark {
    return this.#operator.needs?.(input, mark) ?? mark;
  }

  get closesWindows(): boolean {
    return this.#operator.closingMark !== undefined;
  }

  /** The time of the last result of its windows containing `time`; BEGINNING: it has none. */
  closingMark(time: Micros): Watermark {
    return this.#operator.closingMark?.(time) ?? BEGINNING;
  }

  get emitted(): number {
    let records = this.#emittedBefore;
    for (const port of this.#ports.values()) records += port.records;
    return records;
  }

  get open(): Open {
    return this.#state.open();
  }
}

function stateOf(shape: StateShape, seed: number, table: LoadedTable | undefined): EngineState {
  if (shape.kind !== 'table') return createState(shape, seed);
  assert(table !== undefined, 'an operator that looks up has a table');
  return table;
}
