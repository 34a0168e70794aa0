/**
 * Loads `build/ndjson.wasm`, the fast way through lines of JSON (its source: `assembly`), once
 * a process. Where there is no WebAssembly with vectors there is no module, and nobody misses anything but speed.
 */
import { readFileSync } from 'node:fs';

/** Bytes of a page, the unit in which memory is asked for. */
export const PAGE_BYTES = 64 * 1024;

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What the module gives; all arguments are places in its memory or counts. */
export interface NdjsonModule {
  open(plan: number, fields: number, template: number, closed: number): void;
  find(bytes: number, from: number, to: number, starts: number, ends: number): number;
  decode(
    bytes: number,
    starts: number,
    ends: number,
    lines: number,
    first: number,
    last: number,
    row: number,
  ): number;
}

/** The part of the global WebAssembly that is used here; Node's own types leave it out. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: Memory } },
  ) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}

const api = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
/** undefined: nobody has asked yet; null: this system cannot run it. */
let compiled: object | null | undefined;

/** @returns an instance over memory of its own; null: this system cannot run it */
export function openNdjsonModule(
  bytes: number,
): { readonly memory: Memory; readonly module: NdjsonModule } | null {
  if (api === undefined) return null;
  if (compiled === undefined) {
    const code = readFileSync(new URL('../../build/ndjson.wasm', import.meta.url));
    compiled = api.validate(code) ? new api.Module(code) : null;
  }
  if (compiled === null) return null;
  const memory = new api.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new api.Instance(compiled, { env: { memory } });
  return { memory, module: exports as NdjsonModule };
}
