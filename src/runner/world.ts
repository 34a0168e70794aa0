/** What references of a file lead to: the environment of this process, and files beside the topology. */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { World } from '../topology/interpolate.ts';

/** A password, a key, a line of settings. */
const FILE_BYTES_MAX = 64 * 1024;

/**
 * @param base the folder of the topology
 * @param within no file outside of this folder is read; undefined: the author may name any
 */
export function outsideWorld(base: string, within?: string): World {
  return {
    env: (name) => process.env[name],
    file: (path) => {
      const whole = resolve(base, path);
      if (within !== undefined && leaves(resolve(within), whole)) {
        return { problem: `it lies outside of ${within}` };
      }
      try {
        const { size } = statSync(whole);
        if (size > FILE_BYTES_MAX) return { problem: `it has more than ${FILE_BYTES_MAX} bytes` };
        return { text: readFileSync(whole, 'utf8').replace(/\r?\n$/, '') };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return { problem: code === 'ENOENT' ? 'there is no such file' : String(code) };
      }
    },
  };
}

/** Whether a file lies outside of a folder; both are absolute. */
export function leaves(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return isAbsolute(way) || way.split(/[\\/]/)[0] === '..';
}
