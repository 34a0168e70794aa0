/** The type of a lane's field, from the words an author writes: `long`, `array<struct<a: long>>`. */
import { nearest } from '../diagnostics/suggest.ts';
import type { DataType, Field } from '../stream/schema.ts';

const SCALARS: ReadonlyMap<string, DataType> = new Map(
  (['boolean', 'long', 'double', 'string', 'timestamp'] as const).map((kind) => [kind, { kind }]),
);
/** Names that other languages have for them. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ...['int', 'integer', 'bigint', 'int64', 'number'].map((name) => [name, 'long'] as const),
  ...['float', 'real', 'decimal', 'float64'].map((name) => [name, 'double'] as const),
  ...['text', 'varchar', 'char', 'str'].map((name) => [name, 'string'] as const),
  ...['datetime', 'date', 'time'].map((name) => [name, 'timestamp'] as const),
  ['bool', 'boolean'],
]);
/** Nested as deep as a document may be. */
const DEPTH_MAX = 32;

export type ParsedType =
  | { readonly type: DataType }
  | { readonly problem: string; readonly hint?: string; readonly later?: boolean };

/** Case does not count in the words of types; it does in names of fields. */
export function parseFieldType(text: string): ParsedType {
  const reader = new TypeReader(text);
  const type = reader.read(0);
  if (type !== undefined && !reader.atEnd()) reader.refuse(`"${text}" goes on behind its type`);
  return reader.refused ?? { type: type as DataType };
}

class TypeReader {
  /** The first problem; what follows it is not judged. */
  refused: { problem: string; hint?: string; later?: boolean } | undefined;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#take(/\s*/y) !== undefined && this.#at === this.#text.length;
  }

  refuse(problem: string, hint?: string, later = false): undefined {
    this.refused ??= { problem, ...(hint === undefined ? {} : { hint }), ...(later && { later }) };
  }

  read(depth: number): DataType | undefined {
    if (depth > DEPTH_MAX) return this.refuse('the type is nested too deep');
    const word = this.#take(/\s*([A-Za-z_]\w*)/y);
    if (word === undefined) return this.refuse(`a type is missing in "${this.#text}"`);
    const name = word.toLowerCase();
    const scalar = SCALARS.get(name);
    if (scalar !== undefined) return scalar;
    if (name !== 'array' && name !== 'struct' && name !== 'map') return this.#unknown(word, name);
    if (this.#take(/\s*(<)/y) === undefined) {
      return this.refuse(`"${word}" needs what it holds`, HOLDS[name]);
    }
    const type = name === 'struct' ? this.#struct(depth) : this.#container(name, depth);
    if (type !== undefined && this.#take(/\s*(>)/y) === undefined) {
      return this.refuse(`"${this.#text}" lacks a ">"`);
    }
    return type;
  }

  #container(name: string, depth: number): DataType | undefined {
    if (name === 'map')
      return this.refuse('fields of type map are not supported yet', undefined, true);
    const element = this.read(depth + 1);
    return element && { kind: 'array', element };
  }

  #struct(depth: number): DataType | undefined {
    const fields: Field[] = [];
    do {
      const name = this.#take(/\s*(?:`([^`]+)`|([^\s:<>,`]+))\s*:/y);
      if (name === undefined)
        return this.refuse(`a field of the struct has no "name: type"`, HOLDS.struct);
      if (fields.some((field) => field.name === name)) {
        return this.refuse(`the struct has two fields "${name}"`);
      }
      const type = this.read(depth + 1);
      if (type === undefined) return undefined;
      fields.push({ name, type, nullable: true });
    } while (this.#take(/\s*(,)/y) !== undefined);
    return { kind: 'struct', fields };
  }

  #unknown(word: string, name: string): undefined {
    const known = [...SCALARS.keys(), 'array', 'struct', 'map'];
    const meant = OTHER_NAMES.get(name) ?? nearest(name, known);
    const hint = meant === undefined ? `types are ${known.join(', ')}` : `did you mean "${meant}"?`;
    return this.refuse(`"${word}" is not a type`, hint);
  }

  /** @returns the first group that took part, or the whole match */
  #take(shape: RegExp): string | undefined {
    shape.lastIndex = this.#at;
    const match = shape.exec(this.#text);
    if (match === null) return undefined;
    this.#at = shape.lastIndex;
    return match.slice(1).find((group) => group !== undefined) ?? match[0];
  }
}

const HOLDS = {
  array: 'write "array<string>"',
  struct: 'write "struct<name: string>"',
  map: 'write "map<string, long>"',
} as const;
