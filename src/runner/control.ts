/**
 * The control socket: HTTP on a Unix socket in the state directory, for its owner only. A path of more
 * than 100 bytes can't be bound; then the socket lies in the system's temporary folder and the file
 * `control` says where.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The limit of sun_path is 108 bytes on Linux and 104 on macOS. */
const PATH_BYTES_MAX = 100;
/** A runner that does not answer in this time is taken for gone. */
const ANSWER_MS = 2000;
/** An edit may wait for a port, a disk and the vehicles of a lane that goes. */
const EDIT_MS = 30_000;
const REQUEST_BYTES_MAX = 64 * 1024;

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

/** Has the runner read its file again. */
export interface EditRequest {
  /** Says what would happen, and does nothing. */
  readonly dryRun: boolean;
  readonly allowReset: readonly string[];
  /** Values for parameters in a dry run, beside those that the runner was started with. */
  readonly sets?: Readonly<Record<string, string>>;
}

/** What a runner does for those who ask at its control socket. */
export interface ControlRoutes {
  /** `GET /api/v1/status` */
  readonly status: () => unknown;
  /** `POST /api/v1/edit`, an `EditRequest` as JSON */
  readonly edit: (request: EditRequest) => Promise<unknown>;
}

export async function openControl(
  stateDir: string,
  pipelineId: string,
  routes: ControlRoutes,
): Promise<Control> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const path = socketPath(stateDir, pipelineId);
  rmSync(path, { force: true }); // left by a process that was killed; the lock is ours
  writeFileSync(join(stateDir, 'control'), `${path}\n`, { mode: 0o600 });
  const server: Server = createServer((incoming, answer) => {
    const give = (code: number, value: unknown): void => {
      answer.writeHead(code, { 'content-type': 'application/json' });
      answer.end(`${JSON.stringify(value)}\n`);
    };
    const route = `${incoming.method} ${incoming.url}`;
    if (route === 'GET /api/v1/status') give(200, routes.status());
    else if (route === 'POST /api/v1/edit') {
      readRequest(incoming)
        .then(routes.edit)
        .then(
          (value) => give(200, value),
          (error: unknown) => give(400, { message: String(error) }),
        );
    } else give(404, { message: 'no such route' });
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

/** The owner's own commands speak here, and nobody else can; a request is a few names. */
async function readRequest(incoming: IncomingMessage): Promise<EditRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  const { dryRun, allowReset, sets } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const request = {
    dryRun: dryRun === true,
    allowReset: Array.isArray(allowReset) ? allowReset : [],
  };
  if (dryRun !== true || typeof sets !== 'object' || sets === null) return request;
  const pairs = Object.entries(sets).map(([name, value]) => [name, String(value)]);
  return { ...request, sets: Object.fromEntries(pairs) };
}

/** Asks the runner of a state directory for its status. @returns undefined when none answers */
export function askControl(stateDir: string): Promise<unknown> {
  return call(stateDir, { method: 'GET', path: '/api/v1/status', timeout: ANSWER_MS });
}

/** Has the runner of a state directory read its file again. @returns undefined when none answers */
export function askEdit(stateDir: string, request: EditRequest): Promise<unknown> {
  const options = { method: 'POST', path: '/api/v1/edit', timeout: EDIT_MS };
  return call(stateDir, options, JSON.stringify(request));
}

function call(
  stateDir: string,
  options: { readonly method: string; readonly path: string; readonly timeout: number },
  body = '',
): Promise<unknown> {
  let socketPath: string;
  try {
    socketPath = readFileSync(join(stateDir, 'control'), 'utf8').trim();
  } catch {
    return Promise.resolve(undefined);
  }
  return new Promise((done) => {
    const asked = request({ ...options, socketPath }, (answer) => {
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
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => done(undefined));
    asked.end(body);
  });
}
