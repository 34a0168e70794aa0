/** What a runner says of itself: start lines, `status` and the closing account are made from this. */
import type { Account } from '../engine/account.ts';
import type { Micros } from '../stream/time.ts';

export interface LaneStatus {
  readonly name: string;
  readonly vehicle: string;
  readonly direction: 'listens' | 'dials';
  /** `host:port`; of a listener, the one really bound. */
  readonly address: string;
  readonly connections: number;
  /** What dialling is at, or why nothing is read, in words; empty: nothing to say. */
  readonly note: string;
  /** Microseconds since the epoch; null before the first record and after the end. */
  readonly watermark: number | null;
}

export interface ExitStatus {
  readonly name: string;
  readonly address: string;
  readonly for: readonly string[];
  /** Gone from the file: nothing enters, and it is served until it is empty. */
  readonly former: boolean;
  readonly held: number;
  /** The lanes behind it are not read. */
  readonly full: boolean;
  readonly heldBytes: number;
  readonly numbered: number;
  readonly delivered: number;
  readonly expired: number;
  readonly dropped: number;
  readonly superseded: number;
  /** To the dead letter. */
  readonly moved: number;
  readonly receivers: number;
  readonly unsettled: number;
}

/**
 * elsewhere: it is not started here. scheduled, asleep: it waits for its time, or for something to wait for it.
 * backing off: it failed, and is started again after a pause. left, failed: it is not started again; `gave up`: as
 * often as it should be, it was.
 */
export type VehicleState =
  | 'elsewhere'
  | 'scheduled'
  | 'asleep'
  | 'running'
  | 'backing off'
  | 'left'
  | 'failed'
  | 'gave up';

export interface VehicleStatus {
  readonly name: string;
  readonly state: VehicleState;
  readonly run: number;
  /** Exit code or signal of the last program that left, since the roundabout was started. */
  readonly exit: string | null;
  /** When it left; microseconds since the epoch. */
  readonly endedAt: Micros | null;
  /** When its program is started next, where the clock says that. */
  readonly nextAt: Micros | null;
  /** How often in a row it has failed. */
  readonly failures: number;
}

export interface Status {
  readonly roundabout: string;
  readonly name: string;
  readonly file: string;
  readonly revision: number;
  readonly stateDir: string;
  readonly durability: 'disk' | 'memory';
  readonly pid: number;
  readonly upSeconds: number;
  readonly amqp: string;
  readonly lanes: readonly LaneStatus[];
  readonly vehicles: readonly VehicleStatus[];
  /** The dead letter is the last of them. */
  readonly exits: readonly ExitStatus[];
  readonly account: Account;
  readonly log: { readonly bytes: number; readonly bytesPerSecond: number };
  /** Why lanes are not read at the moment; empty: they are. */
  readonly pressure: readonly string[];
  readonly recovered: {
    readonly records: number;
    readonly seconds: number;
    readonly tornBytes: number;
    readonly resumed: boolean;
  };
}

/** Sentences for every sum of a status that does not hold; a hold's side of the account included. */
export function gapsIn(status: Pick<Status, 'account' | 'exits'>): readonly string[] {
  const gaps = [...status.account.gaps];
  for (const exit of status.exits) {
    const { delivered, expired, dropped, superseded, moved, held } = exit;
    const sums = status.account.exits.find((other) => other.name === exit.name);
    const { numbered, moved: letters } = sums ?? {
      numbered: status.account.deadLetters,
      moved: 0,
    };
    const gone = expired + dropped + superseded + moved;
    if (delivered + gone + held !== numbered) {
      const lost = `${expired} expired, ${dropped} dropped, ${superseded} superseded, ${moved} moved`;
      gaps.push(
        `exit ${exit.name}: ${numbered} numbered, ${delivered} delivered, ${lost} and ${held} held`,
      );
    }
    if (moved !== letters) {
      gaps.push(`exit ${exit.name}: ${moved} moved, ${letters} dead letters made of them`);
    }
  }
  return gaps;
}
