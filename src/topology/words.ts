/** Pieces of findings: what an author wrote, in few words, and a hint if there is one. */

/** Longer texts are cut: whoever wrote one knows it. */
const SHOWN_MAX = 60;

export function quote(data: unknown): string {
  if (typeof data !== 'string') return typeof data === 'object' ? 'this' : String(data);
  return `"${data.length > SHOWN_MAX ? `${data.slice(0, SHOWN_MAX)}…` : data}"`;
}

export function hinted(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}
