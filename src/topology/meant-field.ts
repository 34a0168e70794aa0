/** Which field a name that is none was most likely meant to be. */
import { nearest } from '../diagnostics/suggest.ts';

/**
 * A slip of the fingers, or a colon without a blank: `listen:7001` is one name to YAML.
 * @param free fields that are not there yet
 */
export function meantField(name: string, free: readonly string[]): string | undefined {
  const glued = gluedField(name, free);
  return glued === undefined ? nearest(name, free) : glued.field;
}

/** `listen:7001` as `listen` and `7001`. */
export function gluedField(
  name: string,
  free: readonly string[],
): { readonly field: string; readonly value: string } | undefined {
  const [, before = '', value = ''] = /^([^:]+):(.*)$/.exec(name) ?? [];
  return free.includes(before) ? { field: before, value } : undefined;
}
