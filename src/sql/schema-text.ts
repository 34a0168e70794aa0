/**
 * Reads a schema as an author writes it for from_json, in Spark's words: `a BIGINT, b ARRAY<STRING>`, or one
 * type: `ARRAY<STRUCT<a: BIGINT>>`. Everything in it can be NULL.
 */
import { nearest } from '../diagnostics/suggest.ts';
import type { DataType, Field } from '../stream/schema.ts';
import { CAST_TYPES, CAST_TYPES_REFUSED } from './type.ts';

/** Deeper than a person's schema; the stack must hold. */
const DEPTH_MAX = 20;
const TOKEN = /\s*(?:`([^`]+)`|([A-Za-z_][A-Za-z0-9_]*)|([<>:,])|$)/y;

/** Why a text is no schema. */
export class BadSchema {
  readonly why: string;
  readonly hint: string | undefined;

  constructor(why: string, hint?: string) {
    this.why = why;
    this.hint = hint;
  }
}

/** Throws a `BadSchema`, which `parseSchema` gives back. */
class Reader {
  readonly #text: string;
  #at = 0;
  /** The next token: a name, a sign, or empty at the end. */
  #next = '';
  /** Where a name could be a type: it stands in no backticks. */
  #plain = true;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  #advance(): string {
    const last = this.#next;
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text);
    if (found === null)
      throw new BadSchema(`"${this.#text.slice(this.#at)}" is no part of a schema`);
    this.#at = TOKEN.lastIndex;
    this.#next = found[1] ?? found[2] ?? found[3] ?? '';
    this.#plain = found[1] === undefined;
    return last;
  }

  #expect(sign: string): void {
    if (this.#next !== sign || !this.#plain) {
      throw new BadSchema(
        sign === '' ? `"${this.#next}" stands behind its end` : `it lacks a "${sign}"`,
      );
    }
    this.#advance();
  }

  schema(): DataType {
    const word = this.#next.toUpperCase();
    // A single type has no name before it.
    const one = this.#plain && (word === 'ARRAY' || word === 'STRUCT') && this.#followedByBracket();
    const type: DataType = one ? this.#type(0) : { kind: 'struct', fields: this.#fields(0) };
    this.#expect('');
    return type;
  }

  #followedByBracket(): boolean {
    return /^\s*</.test(this.#text.slice(this.#at));
  }

  #fields(depth: number): readonly Field[] {
    const fields: Field[] = [];
    for (;;) {
      if (this.#plain && !/^\w/.test(this.#next))
        throw new BadSchema('it lacks the name of a field');
      const name = this.#advance();
      if (this.#next === ':' && this.#plain) this.#advance();
      if (fields.some((field) => field.name === name)) {
        throw new BadSchema(`it has two fields of the name "${name}"`);
      }
      fields.push({ name, type: this.#type(depth + 1), nullable: true });
      if (this.#next !== ',' || !this.#plain) return fields;
      this.#advance();
    }
  }

  #type(depth: number): DataType {
    if (depth > DEPTH_MAX) throw new BadSchema(`it is nested deeper than ${DEPTH_MAX}`);
    const word = this.#plain ? this.#next.toUpperCase() : '';
    const single = CAST_TYPES.get(word);
    if (single === undefined && word !== 'ARRAY' && word !== 'STRUCT') {
      const names = [...CAST_TYPES.keys(), 'ARRAY<...>', 'STRUCT<...>'];
      const instead = CAST_TYPES_REFUSED.get(word) ?? nearest(word, names);
      const hint = instead === undefined ? `there are: ${names.join(', ')}` : `write ${instead}`;
      throw new BadSchema(`"${this.#next}" is no type`, hint);
    }
    this.#advance();
    if (single !== undefined) return single;
    this.#expect('<');
    const type: DataType =
      word === 'ARRAY'
        ? { kind: 'array', element: this.#type(depth + 1) }
        : { kind: 'struct', fields: this.#fields(depth) };
    this.#expect('>');
    return type;
  }
}

/** @returns the type, a struct for a list of fields, or what is wrong with the text */
export function parseSchema(text: string): DataType | BadSchema {
  try {
    return new Reader(text).schema();
  } catch (caught) {
    if (caught instanceof BadSchema) return caught;
    throw caught;
  }
}
