/**
 * An operator in the running graph: its state, its ports, the watermark it has passed on, and the
 * account of every record that entered it.
 */
import assert from 'node:assert';
import type { Emitter, Operator, OperatorDefinition } from '../operators/operator.ts';
import type { Batch } from '../stream/batch.ts';
import type { Micros } from '../stream/time.ts';
import { BEGINNING, type Watermark } from '../stream/watermark.ts';
import type { StagePlan } from '../topology/plan.ts';
import type { Port, Reader } from './port.ts';
import { createState, type EngineState } from './state.ts';

export class Stage implements Reader {
  readonly plan: StagePlan;
  readonly arrival: boolean;
  passedOn: Watermark = BEGINNING;
  received = 0;
  filtered = 0;
  late = 0;
  readonly #state: EngineState;
  readonly #operator: Operator;
  readonly #emitter: Emitter;
  readonly #main: Port;

  /**
   * @param port finds the stream of one of its outputs; without a name, the main one
   * @param seed of its state's hashes
   */
  constructor(plan: StagePlan, port: (output?: string) => Port, seed: number) {
    this.plan = plan;
    this.#main = port();
    // The list holds definitions whose types only they know; `checked` is what this one's check made.
    const definition = plan.definition as unknown as OperatorDefinition<unknown, unknown>;
    const shape = definition.state(plan.checked);
    this.arrival = shape.kind === 'windows' && shape.time === 'arrival';
    this.#state = createState(shape, seed);
    this.#operator = definition.open(plan.checked, this.#state);
    this.#emitter = {
      emit: (batch, output) => (output === undefined ? this.#main : port(output)).emit(batch),
      drop: (why, records) => {
        if (why === 'late') this.late += records;
        else this.filtered += records;
      },
    };
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
  }

  /** The exclusive end of the window that closes first; Infinity: none is open. */
  get earliestEnd(): Micros {
    return this.#state.earliestEnd();
  }

  /** The least watermark that closes its windows containing `time`. */
  closingMark(time: Micros): Watermark {
    return this.#operator.closingMark?.(time) ?? BEGINNING;
  }

  get emitted(): number {
    return this.#main.records;
  }

  get open(): { readonly windows: number; readonly groups: number } {
    return this.#state.open();
  }
}
