/** What was seen at one place of the records of a sample, and the type that holds all of it, if there is one. */
import type { DataType, Field } from '../stream/schema.ts';

/** Deeper values are documents; no type is written for them. */
const DEPTH_MAX = 16;

type Kind = 'boolean' | 'number' | 'string' | 'object' | 'array';

export class Sighting {
  /** Times that something other than null was here. */
  present = 0;
  /** Of the numbers. */
  least = Number.POSITIVE_INFINITY;
  most = Number.NEGATIVE_INFINITY;
  /** By key, in the order of first sight. */
  readonly children = new Map<string, Sighting>();
  readonly #kinds = new Set<Kind>();
  readonly #depth: number;
  #element: Sighting | undefined;
  #whole = true;

  constructor(depth = 0) {
    this.#depth = depth;
  }

  /** @param value as JSON.parse gives it */
  see(value: unknown): void {
    if (value === null || value === undefined) return;
    this.present++;
    if (Array.isArray(value)) {
      this.#kinds.add('array');
      this.#element ??= new Sighting(this.#depth + 1);
      for (const element of value) this.#element.see(element);
    } else if (typeof value === 'object') {
      this.#kinds.add('object');
      for (const [key, inner] of Object.entries(value)) this.#child(key).see(inner);
    } else if (typeof value === 'number') {
      this.#kinds.add('number');
      this.least = Math.min(this.least, value);
      this.most = Math.max(this.most, value);
      this.#whole &&= Number.isSafeInteger(value);
    } else {
      this.#kinds.add(typeof value === 'string' ? 'string' : 'boolean');
    }
  }

  /** @returns undefined when nothing, or several things, were seen here */
  type(): DataType | undefined {
    const [kind] = this.#kinds;
    if (this.#kinds.size !== 1 || this.#depth > DEPTH_MAX) return undefined;
    switch (kind) {
      case 'number':
        return { kind: this.#whole ? 'long' : 'double' };
      case 'array': {
        const element = this.#element?.type();
        return element && { kind: 'array', element };
      }
      case 'object': {
        const fields = [...this.children].flatMap(([name, child]): Field[] => {
          const type = isWritable(name) ? child.type() : undefined;
          return type === undefined ? [] : [{ name, type, nullable: true }];
        });
        return fields.length === 0 ? undefined : { kind: 'struct', fields };
      }
      default:
        return { kind };
    }
  }

  /** Why there is no type. */
  trouble(): string {
    if (this.#kinds.size === 0) return 'it is always null';
    if (this.#kinds.size > 1) return `it is now ${[...this.#kinds].join(', now ')}`;
    const [kind] = this.#kinds;
    if (kind === 'array') return 'its elements are of several kinds, or there are none';
    return kind === 'object' ? 'it has no fields of one kind' : 'no type takes all of its values';
  }

  #child(key: string): Sighting {
    let child = this.children.get(key);
    if (child === undefined) {
      child = new Sighting(this.#depth + 1);
      this.children.set(key, child);
    }
    return child;
  }
}

/** Whether a name can stand in the words of a struct. */
function isWritable(name: string): boolean {
  return name !== '' && !/[`\p{Cc}\p{Cs}]/u.test(name);
}
