/** Sizes an author writes (`64KiB`, `4GiB`), in bytes. Powers of 1024 only: `MB` means two things. */
const UNITS: readonly (readonly [string, number])[] = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['B', 1],
];

/** @returns bytes, or undefined when the text is not `<whole number><B|KiB|MiB|GiB>` below 2^53 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,16})(B|KiB|MiB|GiB)$/.exec(text);
  if (match === null) return undefined;
  const unit = UNITS.find(([name]) => name === match[2]);
  const bytes = Number(match[1]) * (unit?.[1] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** As an author would write it, and so exactly. */
export function sizeText(bytes: number): string {
  const [name, size] = UNITS.find(([, one]) => bytes >= one && bytes % one === 0) ?? ['B', 1];
  return `${bytes / size}${name}`;
}

/** Prints bytes for people, one decimal at most: 1572864 is `1.5 MiB`. */
export function formatSize(bytes: number): string {
  for (const [name, size] of UNITS) {
    if (bytes >= size) {
      const count = bytes / size;
      return `${Number.isInteger(count) ? count : count.toFixed(1)} ${name}`;
    }
  }
  return '0 B';
}
