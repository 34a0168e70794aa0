/** The streams of a lane: that of its records and, where the plan names one, that of the late ones among them. */
import { LateRecords } from '../operators/late.ts';
import type { Batch } from '../stream/batch.ts';
import type { LanePlan } from '../topology/plan.ts';
import { laneStreams } from '../topology/streams.ts';
import type { Port } from './port.ts';

export class LaneOut {
  readonly #port: Port;
  readonly #late: { readonly port: Port; readonly records: LateRecords } | null;
  readonly #divert = {
    emit: (batch: Batch): void => this.#late?.port.emit(batch),
    // They are records of the lane all the same.
    drop: (): void => {},
  };

  /** @param port gives the port of a stream */
  constructor(plan: LanePlan, port: (stream: string) => Port) {
    this.#port = port(plan.name);
    const { lateTo } = plan;
    this.#late =
      lateTo === null
        ? null
        : { port: port(lateTo), records: new LateRecords(laneStreams(plan)[0], lateTo) };
  }

  /** Emitted under this plan. */
  get records(): number {
    return this.#port.records + (this.#late?.port.records ?? 0);
  }

  emit(batch: Batch): void {
    this.#port.emit(this.#late?.records.divert(batch, this.#divert) ?? batch);
  }
}
