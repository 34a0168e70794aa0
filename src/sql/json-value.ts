/**
 * Reads JSON as Spark does: texts may stand in single quotes, and what follows the first value is not looked
 * at. Numbers keep the text they were written in, so that nothing is rounded; of keys that repeat all are kept.
 */
import { strict as assert } from 'node:assert';

/** One value and where it stands in the text, in UTF-16 units. */
export interface Json {
  readonly kind: 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';
  /** As it was written; of a text what it says. */
  readonly text: string;
  /** Elements, or the values of fields. */
  readonly items: readonly Json[];
  /** Names of the fields, as many as items. */
  readonly keys: readonly string[];
}

/** Deeper than any document of a person; the stack must hold. */
const DEPTH_MAX = 1000;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
/** What may follow a number or a word. */
const BORDER = /[ \t\n\r,\]}]|$/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ...['"', '\\', '/', "'"].map((c) => [c, c] as const),
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const NONE: readonly never[] = [];

/** The text is no JSON; what is wrong with it nobody is told. */
class NoJson {}
const NO_JSON = new NoJson();

class Reader {
  readonly #text: string;
  readonly #controls: boolean;
  #at = 0;

  constructor(text: string, controls: boolean) {
    this.#text = text;
    this.#controls = controls;
  }

  /** What a shape takes from here; undefined: nothing. */
  #take(shape: RegExp): string | undefined {
    shape.lastIndex = this.#at;
    const found = shape.exec(this.#text);
    if (found === null) return undefined;
    this.#at = shape.lastIndex;
    return found[0];
  }

  /** The next character that is no space. */
  #next(): string {
    let c = this.#text[this.#at];
    while (c === ' ' || c === '\n' || c === '\t' || c === '\r') c = this.#text[++this.#at];
    return c ?? '';
  }

  value(depth: number): Json {
    if (depth > DEPTH_MAX) throw NO_JSON;
    const next = this.#next();
    const start = this.#at;
    if (next === '"' || next === "'") {
      return { kind: 'string', text: this.#string(next), items: NONE, keys: NONE };
    }
    if (next === '{' || next === '[') {
      const [items, keys] = next === '[' ? [this.#array(depth), NONE] : this.#object(depth);
      const text = this.#text.slice(start, this.#at);
      return { kind: next === '[' ? 'array' : 'object', text, items, keys };
    }
    const word = this.#take(WORD);
    const text = word ?? this.#take(NUMBER);
    if (text === undefined || this.#take(BORDER) === undefined) throw NO_JSON;
    this.#at = start + text.length;
    const kind = word === undefined ? 'number' : word === 'null' ? 'null' : 'boolean';
    return { kind, text, items: NONE, keys: NONE };
  }

  #string(quote: string): string {
    const source = this.#text;
    let text = '';
    let from = ++this.#at; // what lies between two escapes is taken at once
    for (;;) {
      const c = source[this.#at];
      if (c === undefined || (c < ' ' && !this.#controls)) throw NO_JSON;
      if (c === quote) break;
      if (c === '\\') {
        text += source.slice(from, this.#at) + this.#escape();
        from = this.#at + 1;
      }
      this.#at++;
    }
    return text + source.slice(from, this.#at++);
  }

  /** Stands on the backslash before, on the last character of the escape after. */
  #escape(): string {
    const c = this.#text[++this.#at] ?? '';
    if (c === 'u') {
      const digits = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw NO_JSON;
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meant = ESCAPES.get(c);
    if (meant === undefined) throw NO_JSON;
    return meant;
  }

  #array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.#at++;
    if (this.#next() !== ']') {
      do items.push(this.value(depth + 1));
      while (this.#comma(']'));
    }
    this.#at++;
    return items;
  }

  #object(depth: number): readonly [readonly Json[], readonly string[]] {
    const items: Json[] = [];
    const keys: string[] = [];
    this.#at++;
    if (this.#next() !== '}') {
      do {
        const quote = this.#next();
        if (quote !== '"' && quote !== "'") throw NO_JSON;
        keys.push(this.#string(quote));
        if (this.#next() !== ':') throw NO_JSON;
        this.#at++;
        items.push(this.value(depth + 1));
      } while (this.#comma('}'));
    }
    this.#at++;
    return [items, keys];
  }

  /** Whether a comma comes, and not the end. */
  #comma(end: string): boolean {
    const next = this.#next();
    if (next !== ',' && next !== end) throw NO_JSON;
    if (next === ',') this.#at++;
    return next === ',';
  }
}

/**
 * @param controls whether control characters may stand in texts
 * @returns undefined where the text begins with no JSON
 */
export function readJson(text: string, controls: boolean): Json | undefined {
  try {
    return new Reader(text, controls).value(0);
  } catch (caught) {
    assert(caught === NO_JSON);
    return undefined;
  }
}

/** Quotes, backslashes, and what stands before the space: control characters. */
const SPECIAL = /["\\]|[^ -\u{10ffff}]/gu;
const SHORT: ReadonlyMap<string, string> = new Map(
  [...ESCAPES].filter(([c]) => c !== '/' && c !== "'").map(([c, meant]) => [meant, c]),
);

/** A text as JSON, with quotes. */
export function quoted(text: string): string {
  const inner = text.replace(SPECIAL, (c) => {
    const code = c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return `\\${SHORT.get(c) ?? `u${code}`}`;
  });
  return `"${inner}"`;
}
