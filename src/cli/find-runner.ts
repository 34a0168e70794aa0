/** Finds the runner a command means: by state directory, by topology file, else the only live one here. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { validateFile } from '../rules/validate.ts';
import { askControl } from '../runner/control.ts';
import type { Status } from '../runner/status.ts';
import { outsideWorld } from '../runner/world.ts';
import { RoundaboutError } from '../stream/error.ts';

/** Where runners started from this folder keep their state. */
const PLACES = ['.roundabout', 'pipelines/.roundabout'];

/**
 * @throws RoundaboutError `not-running` naming where it looked, or all it found
 */
export async function findRunner(options: {
  readonly stateDir?: string | undefined;
  readonly topology?: string | undefined;
}): Promise<Status> {
  if (options.stateDir !== undefined) return ask(resolve(options.stateDir));
  if (options.topology !== undefined) return ask(stateDirOf(options.topology));
  const live: { dir: string; status: Status }[] = [];
  for (const place of PLACES) {
    if (!existsSync(place)) continue;
    for (const name of readdirSync(place)) {
      const dir = resolve(place, name);
      const status = await askControl(dir);
      if (status !== undefined) live.push({ dir, status: status as Status });
    }
  }
  const [only] = live;
  if (only !== undefined && live.length === 1) return only.status;
  if (only === undefined) {
    throw new RoundaboutError('not-running', `no runner answers under ${PLACES.join(' or ')}`, {
      hint: 'name it: -t FILE or --state-dir DIR',
    });
  }
  throw new RoundaboutError('not-running', `${live.length} runners answer here`, {
    hint: `name one: ${live.map(({ dir }) => `--state-dir ${dir}`).join(', ')}`,
  });
}

/** The state directory of a topology that does not say another. */
export function stateDirOf(file: string): string {
  let { topology } = validateFile(file);
  // Only then does it matter what the environment says.
  if (topology?.state.dir?.includes('${')) {
    topology = validateFile(file, { world: outsideWorld(dirname(file)) }).topology;
  }
  if (topology === undefined) {
    throw new RoundaboutError('not-running', `${file} is no valid topology`, {
      hint: `see roundabout validate ${file}`,
    });
  }
  return resolve(dirname(file), topology.state.dir ?? join('.roundabout', topology.name));
}

async function ask(dir: string): Promise<Status> {
  const status = await askControl(dir);
  if (status === undefined) {
    throw new RoundaboutError('not-running', `no runner answers in ${dir}`, {
      hint: 'is it running? start it with: roundabout run FILE',
    });
  }
  return status as Status;
}
