/**
 * What the runner does about lines that are no records: it tells of them, and closes a connection or asks for the
 * end where the lane says so. It hears only of what is computed for the first time; a replay passes them by, so a
 * flow that has been stopped by a line goes on behind it.
 */
import type { BadRecord } from '../engine/bad-record.ts';
import type { Lane } from '../lanes/lane.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Notify } from '../stream/port.ts';
import type { LanePlan } from '../topology/plan.ts';

export class BadRecords {
  /** By name; empty until they are open. */
  lanes: ReadonlyMap<string, Lane> = new Map();
  readonly #notify: Notify;
  readonly #onStop: (error: RoundaboutError) => void;
  readonly #counts = new Map<string, number>();
  #stopped = false;

  constructor(options: {
    readonly notify: Notify;
    readonly onStop: (error: RoundaboutError) => void;
  }) {
    this.#notify = options.notify;
    this.#onStop = options.onStop;
  }

  readonly take = ({ name, badRecord }: LanePlan, record: BadRecord): void => {
    this.#tell(name, record);
    const { connection, line, reason, detail } = record;
    const what = `line ${line} is no record: ${reason}, ${detail}`;
    if (badRecord === 'close') this.lanes.get(name)?.refuse(connection, what);
    if (badRecord !== 'stop' || this.#stopped) return;
    this.#stopped = true;
    this.#onStop(
      new RoundaboutError('bad-record', `lane ${name}, connection ${connection}: ${what}`, {
        hint: 'it is held at the dead letter; the next start goes on behind it',
      }),
    );
  };

  /** Of a lane's first rejected line, then of every tenfold: a flood must not flood the terminal too. */
  #tell(lane: string, { reason, detail }: BadRecord): void {
    const count = (this.#counts.get(lane) ?? 0) + 1;
    this.#counts.set(lane, count);
    if (!/^10*$/.test(String(count))) return;
    const which = count === 1 ? 'a line was rejected' : `${count} lines were rejected, the last`;
    const text = `${which}: ${reason}, ${detail}`;
    this.#notify({ level: 'warning', about: `lane ${lane}`, text });
  }
}
