/** Whether a YAML file among others is meant as a topology (an explicitly named file always is). */
import { readDocument } from './document.ts';
import { isMapping } from './value.ts';

const MODELINE = /^#.*topology\.schema\.json/m;
const VERSION_LINE = /^version[ \t]*:/m;
/** Top-level names of this language; the singular is a likely slip. */
const ELEMENTS = ['vehicle', 'vehicles', 'operator', 'operators', 'exit', 'exits'];

/** It has our modeline, or a version beside elements of ours, or cannot be read and has a version. */
export function isTopology(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  if (MODELINE.test(text)) return true;
  if (!VERSION_LINE.test(text) && !/^\{/.test(text)) return false;
  const { data, findings } = readDocument(bytes, '');
  if (isMapping(data)) return data.has('version') && ELEMENTS.some((name) => data.has(name));
  return findings.some(({ severity }) => severity === 'error');
}
