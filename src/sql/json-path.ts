/** Paths into JSON: `$.a['b'][0]`. What they find is written without spaces, a text without quotes. */
import { doubleText } from './cast-text.ts';
import { type Json, quoted } from './json-value.ts';

/** Names of fields and places of elements, from 0. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.([^.[*]+)|\['([^'?*]+)'\]|\[([0-9]{1,9})\]/y;

/** @returns the path, or why it is none */
export function parsePath(text: string): { readonly path: JsonPath } | { readonly why: string } {
  if (!text.startsWith('$')) return { why: 'it begins with no $' };
  if (text.includes('*')) return { why: 'it asks for all parts with *' };
  const path: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const step = STEP.exec(text);
    if (step === null) return { why: `"${text.slice(at)}" is neither .name nor ['name'] nor [0]` };
    path.push(step[3] === undefined ? (step[1] ?? step[2]) : Number(step[3]));
  }
  return { path };
}

/** The value at the end of the path; of fields of one name the first that leads there. */
export function follow(json: Json, path: JsonPath, from = 0): Json | undefined {
  if (from === path.length) return json;
  const step = path[from];
  if (typeof step === 'number') {
    const item = json.kind === 'array' ? json.items[step] : undefined;
    return item && follow(item, path, from + 1);
  }
  for (const [i, key] of json.keys.entries()) {
    if (key !== step || json.items[i].kind === 'null') continue;
    const found = follow(json.items[i], path, from + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** JSON without spaces; fractions as doubles are written. */
function compact({ kind, text, items, keys }: Json): string {
  if (kind === 'string') return quoted(text);
  if (kind === 'array') return `[${items.map(compact).join(',')}]`;
  if (kind === 'object') {
    return `{${items.map((item, i) => `${quoted(keys[i])}:${compact(item)}`).join(',')}}`;
  }
  return kind === 'number' && /[.eE]/.test(text) ? doubleText(Number(text)) : text;
}

/** What was found, as a text. */
export function foundText(json: Json): string {
  return json.kind === 'string' ? json.text : compact(json);
}
