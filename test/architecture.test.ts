/**
 * The house keeps its shape: who may import whom, which package belongs where, how long a file may
 * grow, and that nothing but the edges reads a clock or a file. The same table is in ARCHITECTURE.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const FOLDERS = [
  'assembly',
  'bench',
  'bin',
  'docs',
  'pipelines',
  'schemas',
  'scripts',
  'src',
  'templates',
  'test',
];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Layer {
  readonly sentence: string;
  readonly imports: readonly string[];
  readonly owns: readonly string[];
}

const LAYERS: Readonly<Record<string, Layer>> = {
  stream: {
    sentence: 'the nouns: columns, batches, time, watermarks, windows, entries, ports, clocks',
    imports: [],
    owns: [],
  },
  diagnostics: {
    sentence: 'a finding with its place, excerpt and hint, and how it is printed',
    imports: ['stream'],
    owns: ['fastest-levenshtein', 'json-schema-to-ts'],
  },
  store: {
    sentence: 'durable files: log, hold, acks, lock, manifest; knows bytes, not fields',
    imports: ['stream'],
    owns: [],
  },
  sql: {
    sentence: 'the expression language: text to typed tree to kernels; aggregates',
    imports: ['stream', 'diagnostics'],
    owns: [],
  },
  codecs: {
    sentence: 'lines of bytes to columns, columns to message bodies; pure',
    imports: ['stream', 'diagnostics'],
    owns: [],
  },
  operators: {
    sentence: 'one file an operator: all that an operator is',
    imports: ['stream', 'sql', 'diagnostics'],
    owns: [],
  },
  topology: {
    sentence: 'a YAML file to a typed model to a plan',
    imports: ['stream', 'sql', 'codecs', 'operators', 'diagnostics'],
    owns: ['yaml', 'json-schema-to-ts'],
  },
  rules: {
    sentence: 'one file a rule; `validate` is the only way from text to topology',
    imports: ['topology', 'stream', 'sql', 'codecs', 'operators', 'diagnostics'],
    owns: [],
  },
  engine: {
    sentence: 'the deterministic machine: entries in, messages out, state and timers inside',
    imports: ['topology', 'stream', 'sql', 'codecs', 'operators'],
    owns: [],
  },
  lanes: {
    sentence: 'sockets to log entries; the programs of vehicles',
    imports: ['stream'],
    owns: [],
  },
  amqp: {
    sentence: 'a hold behind an address: guard, links, credit, settlement',
    imports: ['stream', 'store', 'codecs'],
    owns: ['rhea'],
  },
  runner: {
    sentence: 'the composition root: opens, joins, watches and stops all of it',
    imports: [
      'stream',
      'diagnostics',
      'store',
      'sql',
      'codecs',
      'operators',
      'topology',
      'rules',
      'engine',
      'lanes',
      'amqp',
    ],
    owns: ['chokidar'],
  },
  testing: {
    sentence: 'a topology on a virtual clock and a disk in memory: its tests, and tries of it',
    imports: [
      'stream',
      'diagnostics',
      'store',
      'sql',
      'codecs',
      'topology',
      'rules',
      'engine',
      'runner',
    ],
    owns: [],
  },
  cli: {
    sentence: 'one file a command: arguments in, text and exit codes out',
    imports: [
      'stream',
      'diagnostics',
      'store',
      'sql',
      'codecs',
      'operators',
      'topology',
      'rules',
      'engine',
      'lanes',
      'amqp',
      'runner',
      'testing',
    ],
    owns: ['commander', 'picocolors'],
  },
};

const LINES_MAX = 400;
/** Layers that own sockets and processes; they may read clocks and set timers. */
const EDGES = new Set(['lanes', 'amqp', 'runner', 'cli']);
/** Where files are touched, besides the edges: the disk, the compiled module, and the topology file itself. */
const FILES = new Set([
  'store/disk.ts',
  'codecs/ndjson-module.ts',
  'topology/read-file.ts',
  'rules/validate.ts',
]);

interface Source {
  readonly path: string; // below src
  readonly text: string;
}

function sources(folder: string): Source[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: file.slice(join(root, folder).length + 1), text: readFileSync(file, 'utf8') };
    });
}

/** What a file imports, type-only imports included. */
function importsOf(text: string): string[] {
  return [
    ...[...text.matchAll(/^\s*(?:import|export)\s[^;]*?from\s+'([^']+)'/gms)].map((m) => m[1]),
    ...[...text.matchAll(/^\s*import\s+'([^']+)'/gm)].map((m) => m[1]),
    ...[...text.matchAll(/\bimport\(\s*'([^']+)'/g)].map((m) => m[1]),
  ].map(String);
}

/** Comments and strings say words that code may not. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/[^\n]*/g, '')
    .replace(/'(?:\\.|[^'\\\n])*'/g, "''")
    .replace(/`(?:\\.|[^`\\])*`/g, '``');
}

function violations({ path, text }: Source): string[] {
  const found: string[] = [];
  const [folder = '', ...rest] = path.split('/');
  const layer = LAYERS[folder];
  if (layer === undefined || rest.length !== 1) return [`${path}: belongs to no layer`];
  for (const from of importsOf(text)) {
    if (from.startsWith('../../build/')) continue;
    if (from.startsWith('.')) {
      const target = join(folder, from).split('/')[0] ?? '';
      if (target !== folder && !layer.imports.includes(target)) {
        found.push(`${path}: ${folder} may not import ${target}`);
      }
    } else if (from === 'node:vm') {
      found.push(`${path}: node:vm generates code`);
    } else if (!from.startsWith('node:')) {
      const name = from.split('/')[0] ?? '';
      if (!layer.owns.includes(name)) found.push(`${path}: ${folder} does not own ${name}`);
    } else if (/^node:fs/.test(from) && !EDGES.has(folder) && !FILES.has(path)) {
      found.push(`${path}: touches files`);
    } else if (/^node:(net|tls|http|child_process)/.test(from) && !EDGES.has(folder)) {
      found.push(`${path}: touches sockets or processes`);
    }
  }
  const code = codeOf(text);
  if (/\beval\s*\(|\bnew Function\b|\bFunction\s*\(/.test(code))
    found.push(`${path}: generates code`);
  if (
    !EDGES.has(folder) &&
    path !== 'stream/clock.ts' &&
    /\bDate\.now\b|\bperformance\.|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b/.test(code)
  ) {
    found.push(`${path}: reads a clock or chance`);
  }
  const lines = text.split('\n').length - 1;
  if (lines > LINES_MAX) found.push(`${path}: ${lines} lines`);
  return found;
}

/** Files that `start` reaches through static imports. */
function reach(all: readonly Source[], start: string): Set<string> {
  const byPath = new Map(all.map((source) => [source.path, source]));
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const source = byPath.get(path);
    if (source === undefined || seen.has(path)) return;
    seen.add(path);
    const fixed = source.text
      .replace(/\bimport\(\s*'[^']+'/g, '')
      .replace(/^import type [^;]*;/gm, '');
    for (const from of importsOf(fixed)) {
      if (from.startsWith('.')) visit(join(dirname(path), from));
      else if (!from.startsWith('node:')) packages.add(from);
    }
  };
  visit(start);
  return packages;
}

describe('the house', () => {
  const all = sources('src');

  test('every file stands in a layer and imports only what its layer may', () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.flatMap(violations)).toEqual([]);
  });

  test('what a violation looks like is seen', () => {
    const plant = (path: string, text: string): number => violations({ path, text }).length;
    expect(plant('stream/x.ts', "import { a } from '../engine/engine.ts';")).toBe(1);
    expect(plant('engine/x.ts', "import type { A } from '../amqp/pump.ts';")).toBe(1);
    expect(plant('engine/x.ts', "import rhea from 'rhea';")).toBe(1);
    expect(plant('engine/x.ts', "import { readFileSync } from 'node:fs';")).toBe(1);
    expect(plant('sql/x.ts', 'const f = new Function("return 1");')).toBe(1);
    expect(plant('sql/x.ts', 'const now = Date.now();')).toBe(1);
    expect(plant('sql/x.ts', "import vm from 'node:vm';")).toBe(1);
    expect(plant('sql/deep/x.ts', '')).toBe(1);
    expect(plant('sql/x.ts', '\n'.repeat(LINES_MAX + 1))).toBe(1);
    expect(plant('sql/x.ts', "import { a } from './y.ts';")).toBe(0);
  });

  test('the command line starts with nothing but commander and picocolors', () => {
    const packages = reach(all, 'cli/main.ts');
    expect([...packages].filter((name) => name !== 'commander' && name !== 'picocolors')).toEqual(
      [],
    );
  });

  test('nothing stands beside the rooms of the house', () => {
    const made = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .filter((name) => !made.includes(`${name}/`));
    expect(folders.sort()).toEqual(FOLDERS);
  });

  test('ARCHITECTURE.md prints the same table', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const rows = Object.entries(LAYERS).map(([name, { sentence, imports, owns }]) => {
      const may =
        name === 'runner' || name === 'cli' ? 'all above' : imports.join(', ') || 'nothing';
      return `| \`${name}\` | ${sentence} | ${may} | ${owns.map((p) => `\`${p}\``).join(', ') || '-'} |`;
    });
    for (const row of rows) expect(text).toContain(row);
  });
});
