/** Loaded before a program: says on its way out how much memory it took at most, in KiB. */
import { writeSync } from 'node:fs';

process.on('exit', () => writeSync(2, `\nmaxRSS=${process.resourceUsage().maxRSS}\n`));
