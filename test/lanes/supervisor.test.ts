import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Program, startProgram } from '../../src/lanes/supervisor.ts';
import { ManualClock, systemClock } from '../../src/stream/clock.ts';
import type { Clock } from '../../src/stream/port.ts';
import { until } from '../tools/wait.ts';
import { closeWorlds, openWorld } from './lane-world.ts';

const SECRET = 'ROUNDABOUT_TEST_SECRET';
const programs: Program[] = [];

afterEach(async () => {
  for (const { pid } of programs.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has left, as it should.
    }
  }
  await closeWorlds();
});

interface Running extends Program {
  readonly lines: string[];
}

function start(
  command: readonly string[],
  options: { env?: Record<string, string>; clock?: Clock; cwd?: string } = {},
): Running {
  const lines: string[] = [];
  const program = startProgram({
    command,
    base: import.meta.dirname,
    cwd: options.cwd ?? null,
    env: options.env ?? {},
    clock: options.clock ?? systemClock,
    onOutput: (line) => lines.push(line),
  });
  programs.push(program);
  return { ...program, lines };
}

/** A Node program given as text. */
function node(text: string, options: Parameters<typeof start>[1] = {}): Running {
  return start([process.execPath, '--input-type=module', '-e', text], options);
}

/** Whether a process runs; one that has died and waits to be reaped does not. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

describe('how a program left', () => {
  test.each([
    ['process.exit(0)', { code: 0, signal: null, problem: null }],
    ['process.exit(7)', { code: 7, signal: null, problem: null }],
    ['throw new Error("x")', { code: 1, signal: null, problem: null }],
    ['process.kill(process.pid, "SIGKILL")', { code: null, signal: 'SIGKILL', problem: null }],
  ])('%s is told as it was', async (text, left) => {
    expect(await node(text).left).toEqual(left);
  });

  test('a program that is not there is named', async () => {
    const { left, pid } = start(['no-such-program-anywhere']);
    expect(pid).toBeUndefined();
    expect((await left).problem).toBe(
      'the program "no-such-program-anywhere" was not found in PATH',
    );
    expect((await start(['./nothing.sh']).left).problem).toMatch(
      /^there is no program .*nothing\.sh$/,
    );
  });

  test('a file that may not be executed is named', async () => {
    const { left } = start(['./lane-world.ts']);
    expect((await left).problem).toBe('the program "./lane-world.ts" may not be executed');
  });

  test('a folder that is not there is named, not the program', async () => {
    const { left, stop } = start(['node'], { cwd: 'nowhere' });
    expect((await left).problem).toMatch(/^its folder .*nowhere does not exist$/);
    expect(await stop()).toEqual(await left);
  });

  test('what the system refuses at once is a problem, not an exception', async () => {
    const { left } = start(['node', 'x'.repeat(4_000_000)]);
    expect((await left).problem).toMatch(/^the program "node" could not be started: /);
  });
});

test('a program inherits four names, gets its own, and sees no other', async () => {
  const { PATH: searched } = process.env;
  process.env[SECRET] = 'hidden';
  try {
    const { left, lines } = node('console.log(JSON.stringify(process.env))', {
      env: { ROUNDABOUT_RUN: '3', TZ: 'Europe/Lisbon' },
    });
    await left;
    const environment = JSON.parse(lines.join('')) as Record<string, string>;
    const { PATH, ROUNDABOUT_RUN, TZ, ...others } = environment;
    expect({ PATH, ROUNDABOUT_RUN, TZ }).toEqual({
      PATH: searched,
      ROUNDABOUT_RUN: '3',
      TZ: 'Europe/Lisbon',
    });
    expect(Object.keys(others).filter((name) => name !== 'HOME' && name !== 'LANG')).toEqual([]);
  } finally {
    delete process.env[SECRET];
  }
});

test('a program starts in the folder of the file, without a shell', async () => {
  const { left, lines } = start(['sh', '-c', 'pwd; echo "$0"', '$HOME; echo no']);
  await left;
  expect(lines).toEqual([import.meta.dirname, '$HOME; echo no']);
});

describe('what a program prints', () => {
  test('comes as lines of both streams, the last one even without its end', async () => {
    const { left, lines, lastLines } = node(
      'process.stdout.write("one\\r\\ntwo\\n\\nthree"); process.stderr.write("oops\\n")',
    );
    await left;
    expect(lines.filter((line) => line !== 'oops')).toEqual(['one', 'two', '', 'three']);
    expect(lines).toContain('oops');
    expect(lastLines()).toEqual(lines);
  });

  test('cannot move the cursor or forge a line', async () => {
    const { left, lines } = node('process.stdout.write("\\u001b[2Jred\\rother\\tr\u00e9\\n")');
    await left;
    expect(lines).toEqual(['\\u001b[2Jred\\u000dother\tr\u00e9']);
  });

  test('is cut where a line has no end', async () => {
    const { left, lines } = node('process.stdout.write("x".repeat(20000))');
    await left;
    expect(lines.map((line) => line.length)).toEqual([8192, 8192, 3616]);
  });

  test('is counted instead of shown when it floods, and the program never waits', async () => {
    const { left, lines, lastLines } = node(
      'for (let i = 0; i < 400; i++) process.stdout.write(i + "x".repeat(100_000) + "\\n")',
      { clock: new ManualClock(0) },
    );
    expect(await left).toMatchObject({ code: 0 });
    const shown = lines.slice(0, -1).reduce((bytes, line) => bytes + line.length + 1, 0);
    expect(shown).toBeLessThanOrEqual(1024 * 1024);
    expect(shown).toBeGreaterThan(1024 * 1024 - 8193);
    expect(lines.at(-1)).toMatch(
      /^\(\d+ lines, 37\.\d MiB, left out: more than 1 MiB in a second\)$/,
    );
    expect(lastLines()).toHaveLength(100);
  });

  test('is shown again in the next second, after what was left out', async () => {
    const clock = new ManualClock(0);
    const program = node(
      `process.on('SIGTERM', () => process.stdout.write('later\\n', () => process.exit()));
       setInterval(() => {}, 1000);
       process.stdout.write('x\\n'.repeat(600_000) + 'over\\n')`,
      { clock },
    );
    await until(() => program.lastLines().at(-1) === 'over');
    expect(program.lines).not.toContain('over');
    clock.advance(1_000_000);
    await program.stop();
    expect(program.lines.slice(-2)).toEqual([
      '(75713 lines, 147.9 KiB, left out: more than 1 MiB in a second)',
      'later',
    ]);
  });
});

describe('a stop', () => {
  test('closes the input and sends TERM, and a program may take its time', async () => {
    const program = node(`
      process.on('SIGTERM', () => console.log('TERM'));
      process.stdin.on('end', () => { console.log('end of input'); setTimeout(() => process.exit(3), 50); });
      process.stdin.resume();
      console.log('ready');
    `);
    await until(() => program.lines.includes('ready'));
    expect(await program.stop()).toEqual({ code: 3, signal: null, problem: null });
    expect(program.lines.toSorted()).toEqual(['TERM', 'end of input', 'ready']);
  });

  test('kills one that ignores TERM after five seconds', async () => {
    const clock = new ManualClock(0);
    const program = node(
      `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('ready')`,
      { clock },
    );
    await until(() => program.lines.includes('ready'));
    const stopped = program.stop();
    await until(() => program.lines.includes('no'));
    clock.advance(4_999_000);
    expect(runs(program.pid as number)).toBe(true);
    clock.advance(5_000_000);
    expect(await stopped).toEqual({ code: null, signal: 'SIGKILL', problem: null });
  });

  test('ends a whole tree of processes', async () => {
    const program = start([
      'sh',
      '-c',
      'sh -c "sleep 1000 & sleep 1000 & echo $! & wait" & echo $$; sleep 1000 & echo $!; wait',
    ]);
    await until(() => program.lines.length >= 3);
    const pids = program.lines.map(Number).filter((pid) => pid > 0);
    expect(pids.every(runs)).toBe(true);
    expect(await program.stop()).toMatchObject({ signal: 'SIGTERM' });
    expect(pids.filter(runs)).toEqual([]);
  });

  test('of one that has left already changes nothing', async () => {
    const program = node('process.exit(5)');
    await program.left;
    expect(await program.stop()).toEqual({ code: 5, signal: null, problem: null });
  });
});

describe('what a program leaves behind', () => {
  test('ends with it', async () => {
    const program = start(['sh', '-c', 'sleep 1000 & echo $!; exit 4']);
    expect(await program.left).toMatchObject({ code: 4 });
    const [pid] = program.lines.map(Number);
    expect(pid).toBeGreaterThan(0);
    expect(runs(pid as number)).toBe(false);
  });

  test('is not waited for when it has left the group and keeps the output open', async () => {
    const program = node(`
      import { spawn } from 'node:child_process';
      const stray = spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' });
      console.log(stray.pid);
      stray.unref();
    `);
    expect(await program.left).toMatchObject({ code: 0 });
    const stray = Number(program.lines[0]);
    expect(runs(stray)).toBe(true);
    process.kill(stray, 'SIGKILL');
  });

  test('in a lane has come in before the program counts as gone', async () => {
    const { lane, port, journal } = await openWorld();
    for (let turn = 1; turn <= 10; turn++) {
      const program = node(`
        import { connect } from 'node:net';
        const socket = connect(${port}, '127.0.0.1', () => socket.write('bye\\n', () => process.exit(0)));
      `);
      await program.left;
      expect(lane.state().ever).toBe(turn);
    }
    await until(() => lane.state().open === 0);
    expect(journal.total).toBe(40);
  });
});
