/** An AMQP listener on a free port of loopback, with exits in memory. */

import type { AmqpLimits } from '../../src/amqp/limits.ts';
import { type AmqpListener, openAmqpListener } from '../../src/amqp/listener.ts';
import type { ExitPort } from '../../src/amqp/pump.ts';
import type { WayOut } from '../../src/amqp/settle.ts';
import { Users } from '../../src/amqp/users.ts';
import { systemClock } from '../../src/stream/clock.ts';
import type { Refusal } from '../../src/stream/entry.ts';
import type { Clock, Notice } from '../../src/stream/port.ts';
import { MemoryHold } from './memory-hold.ts';

/** A message that went to the dead letter, as it was handed over. */
export interface Moved extends Refusal {
  readonly exit: string;
  readonly sequence: number;
  readonly message: Buffer;
}

export interface World {
  readonly listener: AmqpListener;
  readonly port: number;
  readonly notices: Notice[];
  /** The hold of the exit `results`. */
  readonly hold: MemoryHold;
  readonly holds: ReadonlyMap<string, MemoryHold>;
  readonly moved: Moved[];
  /** As if the file had been edited: the exit is for these vehicles, one of which has a secret. */
  secure(exit: string, vehicles: readonly string[]): void;
}

export interface WorldOptions {
  readonly exits?: readonly string[];
  readonly maxUnsettled?: number;
  readonly maxDeliveries?: number;
  /** Of the exits: the one that is the dead letter itself. */
  readonly deadLetter?: string;
  /** Resolves when a message that moves is durable. */
  readonly durable?: () => Promise<unknown>;
  readonly clock?: Clock;
  readonly limits?: Partial<AmqpLimits>;
  readonly maxFrame?: number;
  /** Secrets of vehicles by name, and which exits are for which of them. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly vehicles?: Readonly<Record<string, readonly string[]>>;
}

const open: World[] = [];

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { exits: names = ['results'], maxUnsettled = 1024, clock = systemClock } = options;
  const holds = new Map(names.map((name) => [name, new MemoryHold()]));
  const moved: Moved[] = [];
  const { maxDeliveries = 10, deadLetter } = options;
  const { durable = () => new Promise(setImmediate) } = options;
  const exits = [...holds].map(([name, messages]): ExitPort => {
    const wayOut: WayOut = {
      maxDeliveries,
      move: async (sequence, refusal, message) => {
        moved.push({ exit: name, sequence, ...refusal, message: Buffer.from(message) });
        await durable();
        messages.settle(sequence, sequence);
      },
    };
    const vehicles = options.vehicles?.[name] ?? [];
    return {
      name,
      address: name,
      durable: true,
      messages,
      maxUnsettled,
      wayOut: name === deadLetter ? null : wayOut,
      vehicles,
      secured: vehicles.some((vehicle) => options.secrets?.[vehicle] !== undefined),
    };
  });
  const users = new Users(clock);
  users.update(new Map(Object.entries(options.secrets ?? {})));
  const notices: Notice[] = [];
  const listener = await openAmqpListener({
    host: '127.0.0.1',
    port: 0,
    maxFrame: options.maxFrame ?? 65_536,
    clock,
    notify: (notice) => notices.push(notice),
    exits: () => exits,
    suggest: (address, among) => among.find((name) => name.startsWith(address.slice(0, 3))),
    users,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const [hold] = holds.values();
  const secure = (name: string, vehicles: readonly string[]): void => {
    const exit = exits.find((one) => one.name === name);
    Object.assign(exit ?? {}, { vehicles, secured: true });
    listener.review();
  };
  const world = { listener, port: listener.address.port, notices, hold, holds, moved, secure };
  open.push(world);
  return world;
}

/** Closes every listener that a test opened. */
export async function closeWorlds(): Promise<void> {
  for (const { listener } of open.splice(0)) await listener.close(0);
}
