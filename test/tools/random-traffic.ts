/**
 * Random traffic for a flow of several lanes, and what is asked of the flow afterwards. Chunks end anywhere,
 * connections end or break off, files of tables are saved, edits come in between, and time passes.
 */
import fc from 'fast-check';
import type { Shard } from '../../src/runner/shard.ts';
import { readTables } from '../../src/runner/tables.ts';
import type { Disk } from '../../src/store/disk.ts';
import type { ManualClock } from '../../src/stream/clock.ts';
import { edit } from './flow-world.ts';

/** So many steps lie between two edits. */
const EDIT_EACH = 4;

export interface Step {
  readonly what: 'open' | 'close' | 'reset' | 'chunk' | 'wait' | 'load';
  /** Which lane, in the order that the traffic was made for. */
  readonly lane: number;
  readonly wait: number;
  /** Lines, in which `@5` is the time five milliseconds ago. */
  readonly text: string;
  /** So many bytes of it come with the next chunk of the connection, if there is one. */
  readonly cut: number;
  /** What the files of tables say from now on. */
  readonly content: number;
}

/** What is to be driven: lanes with the lines that come over each, and what files of tables say. */
export interface Traffic {
  readonly lanes: readonly { readonly name: string; readonly line: fc.Arbitrary<string> }[];
  /** What each connection of a lane begins with, such as a header. */
  readonly heads?: Readonly<Record<string, string>>;
  /** What the files of tables say, one version after the other. */
  readonly contents?: readonly string[];
}

/** Steps as lanes would take them, at random. */
export function stepsOf({ lanes, contents = [] }: Traffic): fc.Arbitrary<readonly Step[]> {
  const all = ['open', 'close', 'reset', 'wait', ...new Array(8).fill('chunk')];
  const byLane = lanes.map(({ line }, lane) =>
    fc.record<Step>({
      what: fc.constantFrom(...all, ...(contents.length > 0 ? ['load'] : [])),
      lane: fc.constant(lane),
      wait: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 1_500_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 9_000_000 }) },
      ),
      text: fc.array(line, { minLength: 1, maxLength: 8 }).map((some) => `${some.join('\n')}\n`),
      cut: fc.nat(12),
      content: fc.nat(Math.max(0, contents.length - 1)),
    }),
  );
  return fc.array(fc.oneof(...byLane), { minLength: 15, maxLength: 40, size: 'max' });
}

/** Loads a version of what the files of tables say. */
async function load(shard: Shard, { contents = [] }: Traffic, version: number): Promise<void> {
  await shard.load(readTables(shard.plan, () => Buffer.from(contents[version]), shard.hashSeed));
}

interface Driven {
  readonly shard: Shard;
  readonly clock: ManualClock;
}

/** Drives the steps, and waits for what comes of them. */
export async function drive(
  driven: Driven,
  traffic: Traffic,
  steps: readonly Step[],
  edits: readonly string[] = [],
): Promise<void> {
  const { shard, clock } = driven;
  await driveOn(driven, traffic, steps, edits);
  // Whatever is due by time alone comes to pass: each tick may make another one due.
  for (let i = 0; i < 4; i++) {
    await shard.settled();
    clock.advance(clock.now() + 60_000_000);
  }
  await shard.settled();
}

/** Takes the steps as lanes would: entries in order, with time passing between them. What is open stays so. */
export async function driveOn(
  { shard, clock }: Driven,
  traffic: Traffic,
  steps: readonly Step[],
  edits: readonly string[],
): Promise<void> {
  const left = [...edits];
  const open = new Map<number, { readonly connection: number; rest: Buffer }>();
  let connection = shard.recovered.connections;
  let content = (traffic.contents?.length ?? 0) - 1;
  if (traffic.contents !== undefined) await load(shard, traffic, content);
  for (const [n, step] of steps.entries()) {
    const { what, wait, text, cut } = step;
    const [next] = left.splice(0, n > 0 && n % EDIT_EACH === 0 ? 1 : 0);
    if (next !== undefined) await edit(shard, next, traffic.contents?.[content]);
    const { name } = traffic.lanes[step.lane];
    const lane = shard.plan.lanes.find((one) => one.name === name)?.id ?? 0;
    clock.advance(clock.now() + wait);
    await new Promise(setImmediate);
    if (what === 'load') {
      content = step.content;
      await load(shard, traffic, content);
      continue;
    }
    if (what === 'wait') continue;
    const current = open.get(lane);
    if (current === undefined) {
      connection++;
      open.set(lane, { connection, rest: Buffer.alloc(0) });
      shard.append({ kind: 'opened', lane, connection, peer: 'test' });
      const bytes = Buffer.from(traffic.heads?.[name] ?? '');
      if (bytes.length > 0) shard.append({ kind: 'chunk', lane, connection, bytes });
    } else if (what === 'close' || what === 'reset') {
      const how = what === 'close' ? 'end' : 'reset';
      shard.append({ kind: 'closed', lane, connection: current.connection, how });
      open.delete(lane);
    }
    const now = open.get(lane);
    if (what === 'chunk' && now !== undefined) {
      const whole = Buffer.concat([now.rest, Buffer.from(timed(text, clock.now()))]);
      const bytes = whole.subarray(0, Math.max(1, whole.length - cut));
      shard.append({ kind: 'chunk', lane, connection: now.connection, bytes });
      now.rest = whole.subarray(bytes.length);
    }
  }
}

function timed(text: string, now: number): string {
  return text.replace(/@(\d+)/g, (_, ago) => String(Math.floor(now / 1000) - Number(ago)));
}

/** Removes what exits hold, so that a replay makes it anew; what was settled stays known. */
export async function loseHolds(disk: Disk, exits: Iterable<number>): Promise<void> {
  for (const id of exits) {
    for (const name of await disk.list(`state/holds/${id}`)) {
      if (!name.startsWith('acks')) await disk.remove(`state/holds/${id}/${name}`);
    }
  }
}

/** Cuts the log off at a page: groups begin on pages, so what is left is whole groups and perhaps a torn one. */
export async function cutLog(disk: Disk, percent: number): Promise<void> {
  const names = await disk.list('state/log');
  const segment = Math.floor(((names.length - 1) * percent) / 100);
  for (const name of names.slice(segment + 1)) await disk.remove(`state/log/${name}`);
  const file = await disk.open(`state/log/${names[segment]}`, 'write');
  const pages = Math.floor((await file.size()) / 4096);
  await file.truncate(4096 * Math.max(2, pages - (percent % 7)));
}
