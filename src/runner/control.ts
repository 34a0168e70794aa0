/**
 * The control socket: HTTP on a Unix socket in the state directory, for its owner only. A path of more
 * than 100 bytes can't be bound; then the socket lies in the system's temporary folder and the file
 * `control` says where.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The limit of sun_path is 108 bytes on Linux and 104 on macOS. */
const PATH_BYTES_MAX = 100;
/** A runner that does not answer in this time is taken for gone. */
const ANSWER_MS = 2000;

/** Where the runner of a state directory listens; `pipelineId` names the place when the path is too long. */
function socketPath(stateDir: string, pipelineId: string): string {
  const path = join(stateDir, 'control.sock');
  return Buffer.byteLength(path) <= PATH_BYTES_MAX
    ? path
    : join(tmpdir(), `roundabout-${pipelineId.slice(0, 16)}.sock`);
}

export interface Control {
  close(): Promise<void>;
}

/** Serves `GET /api/v1/status`. @param status is asked at each request */
export async function openControl(
  stateDir: string,
  pipelineId: string,
  status: () => unknown,
): Promise<Control> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const path = socketPath(stateDir, pipelineId);
  rmSync(path, { force: true }); // left by a process that was killed; the lock is ours
  writeFileSync(join(stateDir, 'control'), `${path}\n`, { mode: 0o600 });
  const server: Server = createServer((incoming, answer) => {
    const found = incoming.method === 'GET' && incoming.url === '/api/v1/status';
    answer.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    answer.end(`${JSON.stringify(found ? status() : { message: 'no such route' })}\n`);
  });
  const mask = process.umask(0o077);
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(path, done);
    });
  } finally {
    process.umask(mask);
  }
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
        rmSync(join(stateDir, 'control'), { force: true });
      }),
  };
}

/** Asks the runner of a state directory. @returns undefined when none answers */
export function askControl(stateDir: string, path = '/api/v1/status'): Promise<unknown> {
  let socket: string;
  try {
    socket = readFileSync(join(stateDir, 'control'), 'utf8').trim();
  } catch {
    return Promise.resolve(undefined);
  }
  return new Promise((done) => {
    const call = request({ socketPath: socket, path, timeout: ANSWER_MS }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        try {
          done(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch {
          done(undefined);
        }
      });
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => done(undefined));
    call.end();
  });
}
