/**
 * From the parser's nodes to data with positions. Everything our YAML leaves out is refused here by our own
 * walk: duplicate keys (linear), merge keys, keys that are no text, numbers that would be rounded. Nodes are
 * nested at most DEPTH_MAX deep by the time they come here, so recursion is safe.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import type { Path } from '../diagnostics/report.ts';
import type { Remark } from './remark.ts';
import type { Value } from './value.ts';
import { type Cut, cutExpression } from './yaml-cut.ts';
import { DEPTH_MAX, NODES_MAX, tooMany, tooNested } from './yaml-limits.ts';
import type { Child, Spot, TextRange } from './yaml-spot.ts';

/** They name parts of every object in JavaScript; nobody's data needs them. */
const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Readers of YAML 1.1 take these for a boolean, an octal number, a number to base 60 and a date. */
const OLDER_MEANING =
  /^(?:(?:yes|no|on|off)|[-+]?0[0-9]+|[-+]?[1-9][0-9]*(?::[0-5]?[0-9])+|[0-9]{4}-[0-9]{2}-[0-9]{2})$/i;

/** Where the walk stands. */
interface Here {
  readonly path: Path;
  readonly depth: number;
  /** The outermost `{ }` or `[ ]` around: its path and where it ends. */
  readonly flow?: { readonly path: Path; readonly end: number };
}

export class YamlReader {
  readonly remarks: Remark[] = [];
  readonly cuts: Cut[] = [];
  /** Parts that could not be read: an alias of nothing, a mapping with a refused key. */
  readonly unread: Path[] = [];
  readonly #text: string;
  /** Where the parser complained first. */
  readonly #problem: number | undefined;
  /** `open` while its own value is being read. */
  readonly #anchors = new Map<string, Spot | 'open'>();
  #size = 0;

  constructor(text: string, problem: number | undefined) {
    this.#text = text;
    this.#problem = problem;
  }

  /** @returns undefined when the document holds more values than it may */
  read(contents: Node): Spot | undefined {
    return this.#child(contents, { path: [], depth: 0 })?.spot;
  }

  #child(node: Node | null, here: Here): Child | undefined {
    if (isAlias(node)) return this.#alias(node.source, rangeOf(node), here);
    const name = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (name !== undefined) this.#anchors.set(name, 'open');
    if (!this.#count(1, node)) return undefined;
    let spot: Spot | undefined;
    if (isMap(node)) spot = this.#mapping(node.items as Pair<Node, Node | null>[], node, here);
    else if (isSeq(node)) spot = this.#sequence(node.items as Node[], node, here);
    else spot = this.#scalar(node as Scalar | null, here);
    if (spot === undefined) return undefined;
    if (name !== undefined) this.#anchors.set(name, spot);
    return { spot };
  }

  #count(values: number, node: Node | null): boolean {
    this.#size += values;
    if (this.#size <= NODES_MAX) return true;
    this.remarks.push(tooMany(rangeOf(node)[0]));
    return false;
  }

  #alias(name: string, range: TextRange, here: Here): Child | undefined {
    const target = this.#anchors.get(name);
    if (target === undefined || target === 'open') {
      this.unread.push(here.path);
      this.remarks.push({
        rule: 'yaml-syntax',
        start: range[0],
        end: range[1],
        message:
          target === 'open'
            ? `"*${name}" stands inside the value it repeats`
            : `no anchor "&${name}" stands above`,
      });
      return { spot: nothing(range), alias: range };
    }
    if (here.depth + target.height > DEPTH_MAX) {
      this.remarks.push(tooNested(range[0]));
      return undefined;
    }
    this.#size += target.size;
    if (this.#size > NODES_MAX) {
      this.remarks.push(tooMany(range[0]));
      return undefined;
    }
    return { spot: target, alias: range };
  }

  #mapping(items: readonly Pair<Node, Node | null>[], node: Node, here: Here): Spot | undefined {
    const value = new Map<string, Value>();
    const children = new Map<string, Child>();
    const flow = here.flow ?? this.#flow(node, here.path);
    for (const item of items) {
      const key = this.#key(item.key);
      if (key === undefined) {
        this.unread.push(here.path);
        continue;
      }
      const first = children.get(key.name);
      const inner = {
        path: [...here.path, key.name],
        depth: here.depth + 1,
        ...(flow && { flow }),
      };
      this.#cut(item.key, inner);
      const child = this.#child(item.value, inner);
      if (child === undefined) return undefined;
      if (first !== undefined) {
        this.remarks.push(duplicateKey(key.name, key.range, first.key ?? key.range));
        continue;
      }
      const spot = item.value === null ? nothing([key.range[1], key.range[1]]) : child.spot;
      value.set(key.name, spot.value);
      children.set(key.name, { ...child, spot, key: key.range });
    }
    return collection(value, children, rangeOf(node));
  }

  #sequence(items: readonly Node[], node: Node, here: Here): Spot | undefined {
    const value: Value[] = [];
    const children = new Map<number, Child>();
    const flow = here.flow ?? this.#flow(node, here.path);
    for (const [index, item] of items.entries()) {
      const inner = { path: [...here.path, index], depth: here.depth + 1, ...(flow && { flow }) };
      const child = this.#child(item, inner);
      if (child === undefined) return undefined;
      value.push(child.spot.value);
      children.set(index, child);
    }
    return collection(value, children, rangeOf(node));
  }

  #flow(node: Node, path: Path): Here['flow'] {
    const { flow } = node as { flow?: boolean };
    return flow === true ? { path, end: rangeOf(node)[1] } : undefined;
  }

  /** @returns undefined when it was refused */
  #key(node: Node): { name: string; range: TextRange } | undefined {
    const range = rangeOf(node);
    const refuse = (rule: string, message: string, hint?: string): undefined => {
      const [start, end] = range;
      this.remarks.push({ rule, start, end, message, ...(hint === undefined ? {} : { hint }) });
    };
    if (!isScalar(node)) {
      return refuse(
        'unsupported-yaml',
        isAlias(node) ? 'a key cannot be an alias' : 'a key must be text',
      );
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, this.#spot(node));
    const name = typeof node.value === 'string' ? node.value : this.#text.slice(...range);
    if (node.type === 'PLAIN' && name === '<<') {
      return refuse(
        'unsupported-yaml',
        'merge keys ("<<") are not part of YAML 1.2',
        'write the fields out',
      );
    }
    if (REFUSED_KEYS.has(name)) return refuse('bad-name', `"${name}" cannot be a key`);
    this.#older(node, range, true);
    return { name, range };
  }

  #scalar(node: Scalar | null, here: Here): Spot {
    const spot = this.#spot(node);
    if (node === null) return spot;
    const range: TextRange = [spot.start, spot.end];
    if (typeof spot.value === 'number' && isRounded(spot.value, this.#text.slice(...range))) {
      this.remarks.push({
        rule: 'literal-range',
        start: range[0],
        end: range[1],
        message: `${this.#text.slice(...range)} is beyond 2^53 and would be rounded`,
      });
    }
    this.#older(node, range);
    this.#cut(node, here);
    return spot;
  }

  #spot(node: Scalar | null): Spot {
    const [start, end] = rangeOf(node);
    const value = (node?.value ?? null) as Value;
    const style =
      node?.type === 'QUOTE_DOUBLE' || node?.type === 'QUOTE_SINGLE'
        ? 'quoted'
        : node?.type === 'BLOCK_FOLDED' || node?.type === 'BLOCK_LITERAL'
          ? 'block'
          : 'plain';
    return { value, style, start, end, children: new Map(), size: 1, height: 0 };
  }

  #older(node: Scalar, [start, end]: TextRange, isKey = false): void {
    if (node.type !== 'PLAIN') return;
    const text = this.#text.slice(start, end);
    if (!OLDER_MEANING.test(text)) return;
    this.remarks.push({
      rule: 'yaml-1-1-trap',
      severity: 'warning',
      start,
      end,
      message: `readers of YAML 1.1 see something else in a bare ${text}`,
      hint: `write "${text}" in quotes if it is text`,
      // In quotes a number would be another value.
      ...(typeof node.value === 'number' && !isKey ? {} : { fix: `"${text}"` }),
    });
  }

  #cut(node: Node, here: Here): void {
    if (!isScalar(node) || node.type !== 'PLAIN') return;
    const range = rangeOf(node);
    const last = this.cuts.at(-1);
    // A piece of a text that has been recognised.
    if (last !== undefined && range[0] < last.remark.end) return;
    const cut = cutExpression(this.#text, range, here.flow, here.path, this.#problem);
    if (cut !== undefined) this.cuts.push(cut);
  }
}

function rangeOf(node: Node | null): TextRange {
  const range = node?.range;
  return range ? [range[0], range[1]] : [0, 0];
}

function nothing([start, end]: TextRange): Spot {
  return { value: null, style: 'plain', start, end, children: new Map(), size: 1, height: 0 };
}

function collection(
  value: Value,
  children: ReadonlyMap<string | number, Child>,
  [start, end]: TextRange,
): Spot {
  let size = 1;
  let height = 0;
  for (const { spot } of children.values()) {
    size += spot.size;
    height = Math.max(height, spot.height);
  }
  return { value, style: 'collection', start, end, children, size, height: height + 1 };
}

function duplicateKey(name: string, [start, end]: TextRange, first: TextRange): Remark {
  return {
    rule: 'duplicate-key',
    start,
    end,
    message: `"${name}" stands here a second time`,
    related: { start: first[0], end: first[1], message: 'first written here' },
  };
}

function isRounded(value: number, source: string): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && /^[-+]?[0-9]+$|^0[xo]/.test(source);
}
