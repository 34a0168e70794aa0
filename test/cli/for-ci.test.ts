/** What we bring to editors and CI servers, tried as they would use it. */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../tools/product.ts';

const GOOD =
  'version: 1\nname: good\nvehicles:\n  v:\n    lanes:\n      l: { listen: 7001, codec: text }\n' +
  'exits:\n  e: { from: l, for: v }\n' +
  'tests:\n  - { name: t, steps: [{ feed: { l: [a] } }, { expect: { e: [{ line: a }] } }] }\n';
const BAD = GOOD.replace('from: l', 'from: k').replace('name: good', 'name: bad\ndescription: yes');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'for-ci-'));
  mkdirSync(join(folder, 'flows'));
  writeFileSync(join(folder, 'good.yaml'), GOOD);
  writeFileSync(join(folder, 'compose.yaml'), 'services: {}\n');
  writeFileSync(join(folder, 'flows', 'bad one.yaml'), BAD);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function call(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, CI: '', ...env } });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    printed.out += data;
  });
  child.stderr.on('data', (data) => {
    printed.err += data;
  });
  return new Promise<Ended>((done) => child.once('close', (code) => done({ code, ...printed })));
}

function json(path: string) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

describe('.vscode', () => {
  test('the problem matcher finds in real output what was found', async () => {
    const [{ problemMatcher, args }] = json('.vscode/tasks.json').tasks;
    expect(args.slice(0, 4)).toEqual(['bin/roundabout.js', 'validate', '--format', 'gcc']);
    const { pattern } = problemMatcher;
    const bin = join(root, args[0]);
    const mistakes = join(root, 'test/mistakes');
    const printed = await call(process.execPath, [bin, 'validate', '--format', 'gcc', mistakes]);
    const rows = await call(process.execPath, [bin, 'validate', '--format', 'json', mistakes]);
    const matched = printed.out
      .trimEnd()
      .split('\n')
      .map((line) => {
        const found = new RegExp(pattern.regexp).exec(line);
        const at = (part: string): string | undefined => found?.[pattern[part]];
        return [at('file'), at('line'), at('column'), at('severity'), at('code')].join('|');
      });
    const expected = rows.out
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row))
      .filter(({ kind }) => kind === 'finding')
      .map(({ file, line, column, severity, rule }) =>
        [file, line, column, severity === 'info' ? 'note' : severity, rule].join('|'),
      );
    expect(expected.length).toBeGreaterThan(200);
    expect(matched).toEqual(expected);
  });

  test('the schema is where the settings say, and is that of our files', () => {
    const [[schema, names]] = Object.entries<string[]>(
      json('.vscode/settings.json')['yaml.schemas'],
    );
    expect(json(schema).title).toBe('Roundabout topology');
    expect(names).toContain('pipelines/*.yaml');
  });
});

interface Step {
  readonly name: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

describe('action.yml', () => {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8'));
  const steps: Step[] = action.runs.steps;
  const summary = (): string => join(folder, 'summary.md');

  /** Runs a step as the runner does: the script in a file, `bash -e` with pipes that fail. */
  async function run(step: Step | undefined, inputs: Record<string, string>): Promise<Ended> {
    const env: Record<string, string> = {
      GITHUB_ACTION_PATH: root,
      GITHUB_STEP_SUMMARY: summary(),
    };
    for (const [name, value] of Object.entries(step?.env ?? {})) {
      const [, input = ''] = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(value) ?? [];
      expect(Object.keys(action.inputs)).toContain(input);
      env[name] = inputs[input] ?? action.inputs[input].default;
    }
    const script = join(folder, 'step.sh');
    writeFileSync(script, step?.run ?? '');
    return call('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], env);
  }
  const validateStep = steps.find(({ name }) => name === 'Validate');

  test('is a composite action whose steps name their shell, and put no input into a script', () => {
    expect(action.runs.using).toBe('composite');
    for (const step of steps) {
      if (step.run === undefined) expect(step.uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
      else expect(step).toMatchObject({ shell: 'bash', run: expect.not.stringContaining('${{') });
    }
  });

  test('gets ready by the script that a clone has', () => {
    const ready = steps.find(({ name }) => name === 'Get roundabout ready');
    const [, path = ''] = /"\$GITHUB_ACTION_PATH\/(.+)"/.exec(ready?.run ?? '') ?? [];
    expect(existsSync(join(root, path))).toBe(true);
    const read = spawnSync('bash', ['-n', '-c', ready?.run ?? 'false']);
    expect(read.status).toBe(0);
  });

  test('by itself it looks through the folder and fails on an error, with annotations and a summary', async () => {
    const { code, out } = await run(validateStep, {});
    expect(code).toBe(1);
    expect(out).toMatch(/^::error file=flows\/bad one\.yaml,line=9,col=14,/m);
    expect(out).toMatch(/^::warning file=flows\/bad one\.yaml,line=3,/m);
    expect(readFileSync(summary(), 'utf8')).toContain('| error | dangling-reference |');
  });

  test('paths are one a line, blanks in them or not, and nothing in them is run', async () => {
    const good = await run(validateStep, { paths: 'good.yaml\n' });
    expect([good.code, good.out]).toEqual([0, '']);
    const evil = await run(validateStep, { paths: '$(touch hacked)\n`touch hacked`\n--fix' });
    expect(evil.code).toBe(2);
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
    const named = await run(validateStep, { paths: 'flows/bad one.yaml' });
    expect(named.code).toBe(1);
  });

  test('warnings are denied, and reports written, if that is asked for', async () => {
    writeFileSync(join(folder, 'warned.yaml'), GOOD.replace('good', 'good\ndescription: yes'));
    const paths = 'warned.yaml';
    expect((await run(validateStep, { paths })).code).toBe(0);
    const reports = { sarif: 'out.sarif', junit: 'out.xml' };
    const denied = await run(validateStep, { paths, 'deny-warnings': 'true', ...reports });
    expect(denied.code).toBe(1);
    const { runs } = JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8'));
    expect(runs[0].results[0].ruleId).toBe('yaml-1-1-trap');
    expect(readFileSync(join(folder, 'out.xml'), 'utf8')).toContain(
      '<failure type="yaml-1-1-trap"',
    );
  });
});

describe('.pre-commit-hooks.yaml', () => {
  const [hook] = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8'));

  /** A checkout as pre-commit keeps one: the hook may get itself ready in it, without touching ours. */
  function checkout(): string {
    const copy = join(folder, 'checkout');
    mkdirSync(join(copy, 'node_modules'), { recursive: true });
    for (const name of ['bin', 'scripts', 'src', 'assembly', 'dist', 'build']) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json']) {
      cpSync(join(root, name), join(copy, name));
    }
    cpSync(join(root, 'package-lock.json'), join(copy, 'package-lock.json'));
    cpSync(join(root, 'package-lock.json'), join(copy, 'node_modules', '.roundabout-lock.json'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name.startsWith('.')) continue;
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
    }
    return copy;
  }

  test('its entry judges what a commit changes and passes over what is no topology', async () => {
    const files = new RegExp(hook.files);
    expect(['a.yaml', 'b/c.yml', 'd.yaml.txt'].map((name) => files.test(name))).toEqual([
      true,
      true,
      false,
    ]);
    expect(hook).toMatchObject({ id: 'roundabout-validate', language: 'script' });
    const entry = join(checkout(), hook.entry);
    const good = await call(entry, ['good.yaml', 'compose.yaml']);
    expect([good.code, good.out]).toEqual([0, expect.stringMatching(/^0 errors, .* in 1 file/)]);
    const others = await call(entry, ['compose.yaml']);
    expect([others.code, others.out]).toEqual([0, '']);
    const bad = await call(entry, ['flows/bad one.yaml', 'good.yaml']);
    expect([bad.code, bad.out]).toEqual([1, expect.stringContaining('dangling-reference')]);
  });
});
