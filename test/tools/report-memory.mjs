/**
 * Loaded before a program: says on its way out how much memory it took at most, in KiB. Of its own address space, where
 * the system tells that: what is counted for the process has once been its parent's.
 */
import { readFileSync, writeSync } from 'node:fs';

function most() {
  try {
    return /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

process.on('exit', () => writeSync(2, `\nmaxRSS=${most() ?? process.resourceUsage().maxRSS}\n`));
