/**
 * Stack traces by lines of the source. Node's own flag for this reads every map at the start, a quarter of what
 * `validate` takes; a defect can wait for the maps it needs.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const PLACE = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g;

/**
 * @param stack a trace as V8 writes it; places are `url:line:column`, both from 1
 * @returns the same with places in the source, where a map beside the file has them
 */
export function sourceStack(stack: string): string {
  return stack.replace(PLACE, (place, url: string, line: string, column: string) => {
    try {
      const map = new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')));
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in entry)) return place;
      const file = fileURLToPath(new URL(entry.originalSource, url));
      return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    } catch {
      // No map: what is told stays what it was.
      return place;
    }
  });
}
