/**
 * The fields of a lane as the reader of JSON sees them: a tree of nodes found by key, each with the
 * memory of its column. Steps of a path (`a` of `a.b`) and structs are both nodes with keys; arrays
 * are nodes with an element. Memory is allocated once and reused by every call of the decoder.
 */
import assert from 'node:assert';
import { BATCH_ROWS_MAX } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { DataType } from '../stream/schema.ts';
import type { LaneField, TimestampFormat } from './codec.ts';

const QUOTE = 0x22;
/** Where the columns of array elements start to grow from. */
const FIRST_ELEMENTS = 64;

/** `path`: no column of its own, only a step on the way to others. */
export type NodeKind =
  | 'path'
  | 'boolean'
  | 'long'
  | 'double'
  | 'string'
  | 'timestamp'
  | 'array'
  | 'struct';

/** Nodes by their key: hashed by length and outermost bytes, the rare collision probed. */
export class KeyTable {
  readonly nodes: FieldNode[] = [];
  /** The node whose key came first in the last object: a guess. */
  first: FieldNode | null = null;
  #slots: (FieldNode | null)[] = [null];

  /** @param key bytes[from .. to), unescaped */
  find(bytes: Uint8Array, from: number, to: number): FieldNode | null {
    const mask = this.#slots.length - 1;
    for (let slot = hash(bytes, from, to) & mask; ; slot = (slot + 1) & mask) {
      const node = this.#slots[slot];
      if (node === null || node.named(bytes, from, to)) return node;
    }
  }

  /** Takes a node in; one whose key is there already becomes that one's twin and is filled after it. */
  add(node: FieldNode): void {
    let other = this.nodes.find((known) => known.name === node.name);
    this.nodes.push(node);
    if (other !== undefined) {
      while (other.twin !== null) other = other.twin;
      other.twin = node;
      return;
    }
    // A quarter full at most, so that a key nobody declared is turned away at the first look.
    this.#slots = new Array<FieldNode | null>(
      4 * 2 ** Math.ceil(Math.log2(this.nodes.length)),
    ).fill(null);
    const mask = this.#slots.length - 1;
    const twins = new Set(this.nodes.map((known) => known.twin));
    for (const known of this.nodes) {
      if (twins.has(known)) continue;
      let slot = hash(known.key, 0, known.key.length - 1) & mask;
      while (this.#slots[slot] !== null) slot = (slot + 1) & mask;
      this.#slots[slot] = known;
    }
  }
}

function hash(bytes: Uint8Array, from: number, to: number): number {
  return to === from ? 0 : (to - from) * 7 + bytes[from] * 31 + bytes[to - 1] * 3;
}

export class FieldNode {
  readonly name: string;
  /** The key's bytes and a closing quote, as they stand in a line that needs no escapes. */
  readonly key: Uint8Array;
  /** The key can stand in a line without escapes. */
  readonly plain: boolean;
  readonly kind: NodeKind;
  readonly format: TimestampFormat;
  /** The lane's field this belongs to; -1: a step of a path, which may lead to several. */
  readonly field: number;
  readonly used: boolean;
  readonly children = new KeyTable();
  element: FieldNode | null = null;
  /** Another node that wants the same value. */
  twin: FieldNode | null = null;
  /** The node whose key followed in the last object: a guess. */
  next: FieldNode | null = null;
  /** Where in the line the value of a struct's child is, while its struct is read; -1: it is absent. */
  at = -1;
  // One row each. numbers: long, double, timestamp; flags: boolean; starts: string, array; ends: ends of strings, lengths of arrays.
  valid: Uint8Array = new Uint8Array(0);
  numbers: Float64Array = new Float64Array(0);
  flags: Uint8Array = new Uint8Array(0);
  starts: Int32Array = new Int32Array(0);
  ends: Int32Array = new Int32Array(0);
  /** Elements so far, in the node of an array's element. */
  rows = 0;

  constructor(
    name: string,
    type: DataType | null,
    owner: { field: number; used: boolean; format: TimestampFormat },
    capacity: number,
  ) {
    this.name = name;
    this.key = Uint8Array.from([...Buffer.from(name), QUOTE]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
    this.plain = !/["\\\u0000-\u001f]/.test(name);
    this.field = owner.field;
    this.used = owner.used;
    this.format = owner.format;
    this.kind = type === null ? 'path' : nodeKind(type);
    if (type?.kind === 'array')
      this.element = new FieldNode('', type.element, owner, FIRST_ELEMENTS);
    if (type?.kind === 'struct') {
      for (const { name, type: child } of type.fields) {
        this.children.add(new FieldNode(name, child, owner, capacity));
      }
    }
    if (type !== null) this.#allocate(capacity);
  }

  /** Is bytes[from .. to) this node's key? */
  named(bytes: Uint8Array, from: number, to: number): boolean {
    const { key } = this;
    if (to - from !== key.length - 1) return false;
    for (let i = 0; i < key.length - 1; i++) if (bytes[from + i] !== key[i]) return false;
    return true;
  }

  /** Makes sure that an element's row can be written. */
  room(row: number): void {
    if (row < this.valid.length) return;
    this.#allocate(2 * this.valid.length);
    if (this.kind === 'struct') for (const child of this.children.nodes) child.room(row);
  }

  /** Makes a row NULL, with legal values under it. */
  blank(row: number): void {
    this.valid[row] = 0;
    if (this.kind === 'string' || this.kind === 'array') {
      this.starts[row] = 0;
      this.ends[row] = 0;
    } else if (this.kind === 'struct') {
      for (const child of this.children.nodes) child.blank(row);
    }
  }

  /** Forgets the elements of the last call. */
  reset(): void {
    this.rows = 0;
    this.element?.reset();
    for (const child of this.children.nodes) child.reset();
  }

  /** @param bytes the area strings point into */
  column(rows: number, bytes: Uint8Array): Column {
    const valid = this.valid.subarray(0, rows).includes(0) ? this.valid : null;
    switch (this.kind) {
      case 'boolean':
        return { type: 'boolean', values: this.flags, valid };
      case 'string':
        return { type: 'string', bytes, starts: this.starts, ends: this.ends, valid };
      case 'struct': {
        const fields = this.children.nodes.map((child) => child.column(rows, bytes));
        return { type: 'struct', fields, valid };
      }
      case 'array': {
        assert(this.element !== null);
        const element = this.element.column(this.element.rows, bytes);
        return { type: 'array', starts: this.starts, lengths: this.ends, element, valid };
      }
      case 'path':
        assert.fail('a step of a path has no column');
        break;
      default:
        return { type: this.kind, values: this.numbers, valid };
    }
  }

  /** Takes memory for `capacity` rows, keeping what is there. */
  #allocate(capacity: number): void {
    const grown = <T extends Uint8Array | Int32Array | Float64Array>(fresh: T, old: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.valid = grown(new Uint8Array(capacity), this.valid);
    switch (this.kind) {
      case 'boolean':
        this.flags = grown(new Uint8Array(capacity), this.flags);
        break;
      case 'long':
      case 'double':
      case 'timestamp':
        this.numbers = grown(new Float64Array(capacity), this.numbers);
        break;
      case 'string':
      case 'array':
        this.starts = grown(new Int32Array(capacity), this.starts);
        this.ends = grown(new Int32Array(capacity), this.ends);
        break;
      default:
        break;
    }
  }
}

function nodeKind(type: DataType): NodeKind {
  assert(type.kind !== 'map' && type.kind !== 'interval', `no lane field is of type ${type.kind}`);
  return type.kind;
}

/** @returns the root's keys, and the node of each field in the order of declaration */
export function fieldTree(fields: readonly LaneField[]): { root: KeyTable; nodes: FieldNode[] } {
  const root = new KeyTable();
  const nodes = fields.map((field, index) => {
    let table = root;
    const step = { field: -1, used: false, format: field.format };
    for (const name of field.source.slice(0, -1)) {
      let path = table.nodes.find((known) => known.name === name && known.kind === 'path');
      if (path === undefined) {
        path = new FieldNode(name, null, step, 0);
        table.add(path);
      }
      table = path.children;
    }
    const name = field.source.at(-1);
    assert(name !== undefined, `field ${field.name} has no source`);
    const owner = { field: index, used: field.used, format: field.format };
    const node = new FieldNode(name, field.type, owner, BATCH_ROWS_MAX);
    table.add(node);
    return node;
  });
  return { root, nodes };
}
