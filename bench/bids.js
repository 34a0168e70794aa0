/** Bids of an auction site as lines of JSON, about 200 bytes each, 10,000 a second of event time; seeded, so every run is the same. */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** What every subject computes: bids above `DEAR`, per auction and window, where there are at least `FEWEST`. */
export const DEAR = 100_000;
export const WINDOW_MS = 10_000;
export const FEWEST = 20;

const START_MS = 1_767_225_600_000;
const AUCTIONS = 10_000;
/** Lines made at once: no string comes near the longest that V8 allows. */
const SLICE = 50_000;

/** Mulberry32: passes the usual tests and needs no more than 32-bit arithmetic. */
export function random(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {number} count @param {number} [seed] */
function* records(count, seed = 42) {
  const next = random(seed);
  for (let i = 0; i < count; i++) {
    yield {
      auction: 1000 + Math.floor(next() * AUCTIONS),
      bidder: 1000 + Math.floor(next() * 5000),
      price: Math.floor(next() * 1e6),
      channel: `channel-${i % 97}`,
      url: 'https://www.nexmark.com/abcde/fghij/klmno/item.htm?query=1',
      date_time: START_MS + Math.floor(i / 10),
      extra: 'x'.repeat(20 + Math.floor(next() * 20)),
    };
  }
}

/** @param {number} count @returns {Generator<string>} whole lines, some thousands at a time */
function* slices(count) {
  let lines = [];
  for (const bid of records(count)) {
    lines.push(JSON.stringify(bid));
    if (lines.length < SLICE) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}

/** @param {number} count @returns {Buffer} in memory of its own, as a socket gives it */
export function bids(count) {
  const joined = Buffer.concat([...slices(count)].map((slice) => Buffer.from(slice)));
  const bytes = Buffer.allocUnsafeSlow(joined.length);
  joined.copy(bytes);
  return bytes;
}

/** @param {string} file @param {number} count */
export async function writeBids(file, count) {
  const stream = createWriteStream(file);
  for (const slice of slices(count)) stream.write(slice);
  stream.end();
  await finished(stream);
}

/** The right answer, worked out without sockets or text. @param {number} count */
export function answer(count) {
  const groups = new Map();
  for (const { auction, price, date_time } of records(count)) {
    if (price <= DEAR) continue;
    const key = Math.floor(date_time / WINDOW_MS) * 2 * AUCTIONS + auction;
    const group = groups.get(key) ?? { n: 0, top: 0 };
    groups.set(key, { n: group.n + 1, top: Math.max(group.top, price) });
  }
  const kept = [...groups.values()].filter(({ n }) => n >= FEWEST);
  return { results: kept.length, sum: kept.reduce((sum, { top }) => sum + top, 0) };
}
