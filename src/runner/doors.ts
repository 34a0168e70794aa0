/**
 * Where vehicles come in: lanes, and the programs that are started here. Doors outlive the graph behind them; an
 * edit that leaves one as it is does not touch it.
 */
import { type Lane, type LaneOptions, type Move, openLane } from '../lanes/lane.ts';
import { ConnectionRoom } from '../lanes/limits.ts';
import type { Id } from '../stream/entry.ts';
import { MICROS_PER_MS } from '../stream/time.ts';
import { formatAddress } from '../topology/address.ts';
import type { Lane as DeclaredLane } from '../topology/topology.ts';
import type { Commitment } from './commitment.ts';
import type { EntranceChange, Entrances } from './reload.ts';
import type { Shard } from './shard.ts';
import { Vehicles, type VehiclesOptions } from './vehicles.ts';
import { waitingFor } from './waiting.ts';

/** Where vehicles come in, and those that are started here. */
export interface Doors extends Entrances {
  /** By name. */
  readonly lanes: Map<string, Lane>;
  readonly vehicles: Vehicles;
  /** Opens a lane that admits nobody before it is started. */
  open(lane: DeclaredLane, id: Id): Promise<Lane>;
}

/**
 * Nothing is open yet.
 * @param amqp where exits are served, for the environment of vehicles
 * @param chunkBytes no chunk entry is longer
 */
export function openDoors(
  options: Omit<
    VehiclesOptions,
    'ids' | 'history' | 'lanes' | 'amqp' | 'journal' | 'waiting' | 'onHeld'
  >,
  shard: Shard,
  amqp: { readonly host: string; readonly port: number },
  chunkBytes: number,
): Doors {
  const { clock, notify } = options;
  const lanes = new Map<string, Lane>();
  const vehicles = new Vehicles({
    ...options,
    ids: shard.inForce.ids.vehicles,
    history: shard.recovered.vehicles,
    lanes,
    amqp: `${amqp.host}:${amqp.port}`,
    journal: shard,
    waiting: (vehicle) => waitingFor(shard, vehicle),
    onHeld: (call) => shard.onWritten(call),
  });
  let connection = shard.recovered.connections;
  const totalConnections = new ConnectionRoom();
  const open = async (lane: DeclaredLane, id: Id): Promise<Lane> => {
    const opened = await openLane({
      id,
      name: lane.name,
      address: addressOf(lane),
      limits: limitsOf(lane),
      totalConnections,
      journal: shard,
      gate: shard.gateOf(id),
      clock,
      random: Math.random,
      nextConnection: () => ++connection,
      durable: (lsn) => shard.computed(lsn),
      chunkBytesMax: chunkBytes,
      notify,
      waits: true,
    });
    opened.onChange(() => vehicles.lanesChanged());
    return opened;
  };
  const doors: Doors = {
    lanes,
    vehicles,
    open,
    prepare: (before, next) => DoorChange.prepare(doors, before, next),
  };
  return doors;
}

/** New doors are opened aside, and nobody is let in before the change is in force. */
class DoorChange implements EntranceChange {
  readonly #doors: Doors;
  readonly #next: Commitment;
  readonly #opened: Lane[] = [];
  readonly #moves: Move[] = [];

  private constructor(doors: Doors, next: Commitment) {
    this.#doors = doors;
    this.#next = next;
  }

  static async prepare(doors: Doors, before: Commitment, next: Commitment): Promise<DoorChange> {
    const change = new DoorChange(doors, next);
    try {
      for (const lane of next.topology.lanes.values()) await change.#prepare(lane, before);
    } catch (error) {
      await change.undo();
      throw error;
    }
    return change;
  }

  async undo(): Promise<void> {
    for (const move of this.#moves) await move.undo();
    for (const lane of this.#opened) await lane.stop(0);
  }

  /** Those that go are closed in the log before the change is: the plan behind it does not know them. */
  closeRemoved(): void {
    const kept = new Set(this.#next.ids.lanes.values());
    for (const [name, lane] of this.#doors.lanes) {
      if (kept.has(lane.id)) continue;
      void lane.stop(0);
      this.#doors.lanes.delete(name);
    }
  }

  commit(): void {
    const { lanes, vehicles } = this.#doors;
    const all = [...lanes.values(), ...this.#opened];
    lanes.clear();
    for (const lane of this.#next.topology.lanes.values()) {
      const id = this.#next.ids.lanes.get(lane.name);
      const open = all.find((one) => one.id === id);
      if (open === undefined) continue;
      lanes.set(lane.name, open);
      open.limit(limitsOf(lane));
    }
    for (const move of this.#moves) move.commit();
    for (const lane of this.#opened) lane.start();
    vehicles.update(this.#next.topology, this.#next.ids.vehicles);
  }

  async #prepare(lane: DeclaredLane, before: Commitment): Promise<void> {
    const id = this.#next.ids.lanes.get(lane.name) ?? 0;
    const open = [...this.#doors.lanes.values()].find((one) => one.id === id);
    if (open === undefined) {
      this.#opened.push(await this.#doors.open(lane, id));
      return;
    }
    const former = [...before.topology.lanes.values()].find(
      ({ name }) => before.ids.lanes.get(name) === id,
    );
    if (former !== undefined && doorOf(former) === doorOf(lane)) return;
    this.#moves.push(await open.move(addressOf(lane)));
  }
}

function doorOf({ listen, connect, retry }: DeclaredLane): string {
  if (connect === null) return listen === null ? '' : formatAddress(listen);
  return `${formatAddress(connect)} ${retry.initial} ${retry.max}`;
}

function addressOf(lane: DeclaredLane): LaneOptions['address'] {
  const { listen, connect, retry } = lane;
  if (connect === null) return { listen: listen ?? { host: '127.0.0.1', port: 0 } };
  const retryMs = { initialMs: retry.initial / MICROS_PER_MS, maxMs: retry.max / MICROS_PER_MS };
  return { connect, retry: retryMs };
}

function limitsOf({ limits }: DeclaredLane): LaneOptions['limits'] {
  const idleMs = limits.idle === null ? null : limits.idle / MICROS_PER_MS;
  return { maxConnections: limits.maxConnections, idleMs };
}
