/** The work of `roundabout vehicle`: finds the runner, then speaks the public contract and nothing else. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { receive } from '../amqp/receiver.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { count } from '../diagnostics/words.ts';
import type { Status } from '../runner/status.ts';
import { RoundaboutError } from '../stream/error.ts';
import { SECRET_VARIABLE } from './command.ts';
import { findRunner } from './find-runner.ts';

type Where = Parameters<typeof findRunner>[0];

/** Without acknowledgement all stay unsettled at once, and an exit allows no more than this. */
const LOOK_COUNT_MAX = 1000;

/** Sends a file, or standard input, into a lane and closes in order. @returns the exit code */
export async function sendFile(lane: string, file: string, where: Where): Promise<number> {
  const status = await findRunner(where);
  const found = named(status.lanes, lane, 'lane');
  if (found.direction === 'dials') {
    throw new RoundaboutError('bad-usage', `lane ${lane} dials ${found.address} itself`, {
      hint: 'listen there and send to whoever connects',
    });
  }
  const source: Readable = file === '-' ? process.stdin : createReadStream(file);
  source.once('error', () => {}); // reported by pipeline
  const socket = connect(port(found.address));
  try {
    await pipeline(source, socket);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') {
      throw new RoundaboutError('file-unreadable', `${file} can't be read: ${message}`);
    }
    throw new RoundaboutError('not-running', `lane ${lane} broke off: ${message}`);
  }
  process.stderr.write(`${count(socket.bytesWritten)} bytes sent to ${lane}\n`);
  return 0;
}

/** Prints messages of an exit as `{"id":1,"body":...}`, one a line. @returns the exit code */
export async function receiveFrom(
  exit: string,
  options: Where & { readonly count: number; readonly ack?: boolean; readonly as?: string },
): Promise<number> {
  const acknowledge = options.ack === true;
  if (!acknowledge && options.count > LOOK_COUNT_MAX) {
    throw new RoundaboutError(
      'bad-usage',
      `${options.count} is more than can be looked at at once (${LOOK_COUNT_MAX})`,
      { hint: 'with --ack they leave the hold, and any count will do' },
    );
  }
  const status = await findRunner(options);
  const found = named(status.exits, exit, 'exit');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  if (found.held < options.count) {
    process.stderr.write(
      `${count(found.held)} held, waiting for ${count(options.count)}; Ctrl-C to stop waiting\n`,
    );
  }
  const received = await receive({
    ...port(status.amqp),
    address: found.address,
    ...(options.as !== undefined && { login: loginAs(options.as) }),
    count: options.count,
    acknowledge,
    onMessage: (id, body) => process.stdout.write(`${JSON.stringify({ id, body }, readable)}\n`),
    stop: stop.signal,
  });
  const what = acknowledge ? 'acknowledged, they have left the hold' : 'looked at, they stay held';
  process.stderr.write(`${count(received)} received and ${what}\n`);
  return received === options.count ? 0 : 130;
}

function loginAs(user: string): { user: string; secret: string } {
  const secret = process.env[SECRET_VARIABLE];
  if (secret !== undefined && secret !== '') return { user, secret };
  throw new RoundaboutError('bad-usage', `the secret of ${user} is missing`, {
    hint: `set ${SECRET_VARIABLE}`,
  });
}

/** Bytes as text if they are: of a dead letter they are the line as it came, or a message, which is no text. */
function readable(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const own = this[key];
  if (!Buffer.isBuffer(own)) return value;
  return isUtf8(own) ? own.toString('utf8') : { base64: own.toString('base64') };
}

function named<T extends { readonly name: string }>(
  all: Status['lanes'] | Status['exits'] | readonly T[],
  name: string,
  kind: string,
): T {
  const list = all as readonly T[];
  const found = list.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = list.map((one) => one.name);
  const near = nearest(name, names);
  throw new RoundaboutError('bad-usage', `no ${kind} is called "${name}"`, {
    hint: near === undefined ? `there are: ${names.join(', ')}` : `did you mean "${near}"?`,
  });
}

function port(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return {
    host: address.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(at + 1)),
  };
}
