/**
 * The patterns of the language: the part of regular expressions that means the same in V8, Java and RE2.
 * Literals, classes, groups, alternation, greedy and lazy quantifiers, anchors; no look-around, no
 * back-reference. What is repeated matches in one way only, as choices that multiply could take for ever.
 */

/** More repetitions than a person counts; engines unroll them. */
const REPEAT_MAX = 1000;
/** Groups deeper than this are no person's pattern, and the stack must hold. */
const GROUPS_MAX = 50;
const NAME_MAX = 64;

export interface Pattern {
  /** Set if the pattern is just a text. */
  readonly literal: string | undefined;
  /** With the flags `g` and `u`: it goes on from its `lastIndex`. */
  readonly regexp: RegExp;
  /** How many groups keep what they match. */
  readonly groups: number;
  /** Their names by number, empty where they have none; the whole match is number 0. */
  readonly names: readonly string[];
}

/** Java's classes, spelt out: V8 has other white space, and its `.` stops at fewer line ends. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'A-Za-z0-9_',
  s: ' \\t\\n\\v\\f\\r',
};
const ANY = '[^\\n\\r\\u0085\\u2028\\u2029]';
const CONTROLS = 'tnrf';
const PUNCTUATION = /[\\^$.|?*+()[\]{}\-/&~#@!%,:;<=>'"`_ ]/;

class Refusal {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** Reads a pattern and writes it anew for V8. Each part says whether it may match in several ways. */
class Reader {
  readonly #text: readonly string[];
  #at = 0;
  #groups = 0;
  /** Of those that keep what they match, and the whole. */
  readonly names: string[] = [''];
  readonly #namesAllowed: boolean;
  literal: string | undefined = '';
  refusal: Refusal | undefined;

  constructor(text: string, namesAllowed: boolean) {
    this.#text = [...text];
    this.#namesAllowed = namesAllowed;
  }

  get #next(): string {
    return this.#text[this.#at] ?? '';
  }

  /** Keeps the first reason and jumps to the end, so that every loop stops. */
  #refuse(why: string): string {
    this.refusal ??= new Refusal(why);
    this.#at = this.#text.length;
    return '';
  }

  pattern(): string {
    const source = this.#alternatives().source;
    if (this.#at < this.#text.length) this.#refuse('it closes a group that is not open');
    return source;
  }

  #alternatives(): { source: string; varies: boolean } {
    let source = '';
    let varies = false;
    for (;;) {
      while (this.#next !== '' && this.#next !== '|' && this.#next !== ')') {
        const part = this.#quantified();
        source += part.source;
        varies ||= part.varies;
      }
      if (this.#next !== '|') return { source, varies };
      this.literal = undefined;
      this.#at++;
      source += '|';
      varies = true;
    }
  }

  #quantified(): { source: string; varies: boolean } {
    const atom = this.#atom();
    const quantifier = this.#quantifier();
    if (quantifier === '') return atom;
    this.literal = undefined;
    if (atom.varies && !/^(?:\?|\{[01](?:,1)?\})/.test(quantifier)) {
      this.#refuse(
        'it repeats what has alternatives or repeats itself; [ab] repeats well, (a|b) does not',
      );
    }
    const counted = /^\{\d+\}/.test(quantifier);
    return { source: atom.source + quantifier, varies: atom.varies || !counted };
  }

  #quantifier(): string {
    const rest = this.#text.slice(this.#at, this.#at + 12).join('');
    const found = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/.exec(rest);
    if (found === null) return this.#next === '{' ? this.#refuse('write \\{ for a brace') : '';
    if (Math.max(Number(found[1] ?? 0), Number(found[2] ?? 0)) > REPEAT_MAX) {
      return this.#refuse(`it repeats more than ${REPEAT_MAX} times`);
    }
    if (found[2] !== undefined && found[2] !== '' && Number(found[2]) < Number(found[1])) {
      return this.#refuse('it repeats at least more often than at most');
    }
    this.#at += found[0].length;
    if (/[*+?{]/.test(this.#next)) return this.#refuse('it repeats a repetition');
    return found[0];
  }

  #atom(): { source: string; varies: boolean } {
    const c = this.#text[this.#at++];
    if (c === '(') return this.#group();
    if (c === '\\') return { source: this.#escape(), varies: false };
    if (c === '[') return { source: this.#class(), varies: false };
    if (/[*+?{}\]]/.test(c))
      return { source: this.#refuse(`write \\${c} for ${c}`), varies: false };
    if (c === '.' || c === '^' || c === '$') {
      this.literal = undefined;
      if (c !== '.' && /[*+?{]/.test(this.#next)) this.#refuse('it repeats an anchor');
      return { source: c === '.' ? ANY : c, varies: false };
    }
    if (this.literal !== undefined) this.literal += c;
    return { source: quoted(c), varies: false };
  }

  #group(): { source: string; varies: boolean } {
    this.literal = undefined;
    const name = this.#groupName();
    const keeps = name !== undefined;
    if (keeps) this.names.push(name);
    else this.#at += 2;
    if (++this.#groups > GROUPS_MAX) this.#refuse(`it has more than ${GROUPS_MAX} groups`);
    const { source, varies } = this.#alternatives();
    if (this.#next !== ')') this.#refuse('it has a group that is not closed');
    this.#at++;
    return { source: keeps ? `(${source})` : `(?:${source})`, varies };
  }

  /** @returns empty for a group without a name; undefined for one that keeps nothing, `(?:` */
  #groupName(): string | undefined {
    if (this.#next !== '?') return '';
    const rest = this.#text.slice(this.#at, this.#at + NAME_MAX + 3).join('');
    if (rest.startsWith('?:')) return undefined;
    const found = this.#namesAllowed ? /^\?P?<([A-Za-z_]\w*)>/.exec(rest) : null;
    const name = found?.[1] ?? '';
    const named = this.#namesAllowed ? '' : ', names a group';
    if (found === null) this.#refuse(`it looks around${named} or sets a flag`);
    else if (this.names.includes(name)) this.#refuse(`it names two groups "${name}"`);
    else this.#at += found[0].length;
    return name;
  }

  #escape(): string {
    const c = this.#text[this.#at++] ?? '';
    const inner = CLASSES[c.toLowerCase()];
    if (inner !== undefined) {
      this.literal = undefined;
      return c === c.toLowerCase() ? `[${inner}]` : `[^${inner}]`;
    }
    if (c !== '' && CONTROLS.includes(c)) {
      this.literal = undefined;
      return `\\${c}`;
    }
    if (!PUNCTUATION.test(c)) return this.#refuse(`\\${c} is not in the language`);
    if (this.literal !== undefined) this.literal += c;
    return quoted(c);
  }

  #class(): string {
    this.literal = undefined;
    let source = '[';
    if (this.#next === '^') {
      source += '^';
      this.#at++;
    }
    const first = this.#at;
    while (this.#next !== ']' || this.#at === first) {
      const c = this.#text[this.#at++];
      if (c === undefined) return this.#refuse('it has a class that is not closed');
      if (c === '[') return this.#refuse('write \\[ for a bracket inside of a class');
      if (c === '&' && this.#next === '&') return this.#refuse('it cuts one class with another');
      source += c === '\\' ? this.#classEscape() : c === '-' ? '-' : quoted(c);
    }
    this.#at++;
    return `${source}]`;
  }

  #classEscape(): string {
    const c = this.#text[this.#at++] ?? '';
    if (CLASSES[c] !== undefined) return CLASSES[c];
    if (c !== '' && CONTROLS.includes(c)) return `\\${c}`;
    return PUNCTUATION.test(c)
      ? quoted(c)
      : this.#refuse(`\\${c} is not in the language of a class`);
  }
}

/** A character that means itself, wherever it stands. */
function quoted(c: string): string {
  return /[\\^$.|?*+()[\]{}/-]/.test(c) ? `\\u{${c.charCodeAt(0).toString(16)}}` : c;
}

/**
 * @param namesAllowed groups may be written `(?<name>...)`
 * @returns the pattern, or why it is none
 */
export function readPattern(
  text: string,
  namesAllowed = false,
): Pattern | { readonly why: string } {
  const reader = new Reader(text, namesAllowed);
  const source = reader.pattern();
  if (reader.refusal !== undefined) return reader.refusal;
  try {
    const { literal, names } = reader;
    return { literal, regexp: new RegExp(source, 'gu'), groups: names.length - 1, names };
  } catch {
    // What is left are ranges out of order and classes at the end of a range.
    return { why: 'it has a class whose range is upside down' };
  }
}
