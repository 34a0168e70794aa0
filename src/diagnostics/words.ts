/** Words put together the way a person says them; the same for findings, explanations and drawings. */

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** Thousands with commas, whatever the locale: output is the same on every machine. */
export function count(value: number): string {
  // Not by `toLocaleString`: its first call takes 10 ms, a tenth of what `validate` takes.
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 window`, `3,000 windows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
