/** Bids of an auction site as lines of JSON, about 200 bytes each, 10,000 a second of event time; seeded, so every run is the same. */
import { writeFileSync } from 'node:fs';

const START_MS = 1_767_225_600_000;

/** A linear congruential generator; good enough to spread keys. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** @param {number} count @returns {string} */
export function bids(count, seed = 42) {
  const next = random(seed);
  const lines = [];
  for (let i = 0; i < count; i++) {
    lines.push(
      JSON.stringify({
        auction: 1000 + Math.floor(next() * 10_000),
        bidder: 1000 + Math.floor(next() * 5000),
        price: Math.floor(next() * 1e6),
        channel: `channel-${i % 97}`,
        url: 'https://www.nexmark.com/abcde/fghij/klmno/item.htm?query=1',
        date_time: START_MS + Math.floor(i / 10),
        extra: 'x'.repeat(20 + Math.floor(next() * 20)),
      }),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** @param {string} file @param {number} count */
export function writeBids(file, count) {
  writeFileSync(file, bids(count));
}
