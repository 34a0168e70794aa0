/**
 * The formats that findings can be written in: the one list. A format is a file with a writer and a line
 * here; it is loaded when it is asked for, so that the list costs `--help` nothing.
 */
import type { Writer } from './judged.ts';

export const formats: ReadonlyMap<string, () => Promise<Writer>> = new Map([
  ['human', async () => (await import('./human.ts')).writeHuman],
  ['json', async () => (await import('./json.ts')).writeJson],
  ['sarif', async () => (await import('./sarif.ts')).writeSarif],
  ['github', async () => (await import('./github.ts')).writeGithub],
  ['junit', async () => (await import('./junit.ts')).writeJunit],
  ['gcc', async () => (await import('./gcc.ts')).writeGcc],
]);
