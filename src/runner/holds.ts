/**
 * The holds of a state directory: of every exit that any of its plans has had, so that what an exit holds
 * stays on offer when the exit is gone from the file, and so that a replay passes through all its plans.
 */
import type { Disk } from '../store/disk.ts';
import { DiskHold } from '../store/hold.ts';
import { readHoldList, writeHoldList } from '../store/hold-list.ts';
import { damaged } from '../store/storage-error.ts';
import type { Id, Lsn } from '../stream/entry.ts';
import type { RoundaboutError } from '../stream/error.ts';
import type { Clock, Sequence } from '../stream/port.ts';
import type { Plan } from '../topology/plan.ts';

export interface HoldsOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly folder: string;
  readonly pipelineId: string;
  readonly holdSegmentBytes: number;
  readonly onFailure: (error: RoundaboutError) => void;
}

export class Holds {
  readonly all = new Map<Id, DiskHold>();
  readonly #options: HoldsOptions;
  readonly #streams = new Map<Id, string>();

  private constructor(options: HoldsOptions) {
    this.#options = options;
  }

  /** Opens those that any plan of the state directory has had. */
  static async open(options: HoldsOptions): Promise<Holds> {
    const holds = new Holds(options);
    for (const { id, stream } of await readHoldList(options.disk, options.folder)) {
      await holds.#open(id, stream);
    }
    return holds;
  }

  /** The highest place in the log that a stored message names as its cause. */
  get evidence(): Lsn {
    return Math.max(0, ...[...this.all.values()].map((hold) => hold.evidence));
  }

  /** Opens those that a plan adds, and notes them for the next start. */
  async add(plan: Plan): Promise<void> {
    const missing = exitsOf(plan).filter(({ id, stream }) => this.#streams.get(id) !== stream);
    if (missing.length === 0) return;
    for (const { id, stream } of missing) {
      // Opened for a change that never came into force, whose number is given once more.
      await this.all.get(id)?.close();
      await this.#open(id, stream);
    }
    const { disk, folder } = this.#options;
    const listed = [...this.#streams].map(([id, stream]) => ({ id, stream }));
    await writeHoldList(disk, folder, listed);
  }

  /** @throws RoundaboutError `data-damaged` if the list did not name the holds of a plan that was in force */
  expect(plan: Plan): void {
    for (const { id, name, stream } of exitsOf(plan)) {
      if (this.#streams.get(id) === stream) continue;
      const why = `the log has an exit ${name} that the list of holds lacks`;
      throw damaged(this.#options.folder, 0, why);
    }
  }

  /** The dead letter has it, and durably so, since the log has the entry: its exit is done with it. */
  settleMoved({ exit, sequence }: { readonly exit: Id; readonly sequence: Sequence }): void {
    this.all.get(exit)?.move(sequence);
  }

  async #open(id: Id, stream: string): Promise<void> {
    const { disk, clock, folder, pipelineId, holdSegmentBytes, onFailure } = this.#options;
    const hold = await DiskHold.open({
      disk,
      clock,
      folder: `${folder}/holds/${id}`,
      pipelineId,
      exit: id,
      stream,
      segmentBytes: holdSegmentBytes,
      onFailure,
    });
    this.all.set(id, hold);
    this.#streams.set(id, stream);
  }
}

function exitsOf({ exits, deadLetter }: Plan): readonly { id: Id; name: string; stream: string }[] {
  return [...exits, deadLetter];
}
