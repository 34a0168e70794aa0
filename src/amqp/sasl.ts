/**
 * SASL at our end of a connection (AMQP 1.0, part 5, section 5.3): who may come in, and the three
 * frames we say it with. The guard speaks it; the protocol library never sees it. On this machine
 * everybody may come in unnamed, and a vehicle that has a secret by PLAIN (RFC 4616) as itself.
 */
import type { Users } from './users.ts';

/** What a client offered in sasl-init. */
export interface SaslInit {
  readonly mechanism: string;
  /** A byte a character. */
  readonly response: string;
}

export interface Authenticator {
  readonly mechanisms: readonly string[];
  /** Whether a client may leave the layer out and start with AMQP itself. */
  readonly optional: boolean;
  /** @returns who came in; undefined: the client may not */
  check(init: SaslInit): Identity | undefined | Promise<Identity | undefined>;
}

/** Who is at the other end. */
export interface Identity {
  /** The vehicle that has shown its secret; null: it gave no name. */
  readonly user: string | null;
}

const UNNAMED: Identity = { user: null };

const ANONYMOUS: Authenticator = {
  mechanisms: ['ANONYMOUS'],
  optional: true,
  check: (init) => (init.mechanism === 'ANONYMOUS' ? UNNAMED : undefined),
};

/** PLAIN is the name every client has a mechanism for; it opens nothing. */
const NOBODY: Authenticator = { mechanisms: ['PLAIN'], optional: false, check: () => undefined };

/**
 * Who may come in from this address, `anyone` being the author's word for a listener beyond loopback. Secrets
 * cross no network in the clear: PLAIN is for this machine.
 * @param users those who can log in; what an unnamed peer may take is not decided here
 */
export function authenticatorFor(
  remoteAddress: string,
  anyone: boolean,
  users?: Users,
): Authenticator {
  const here = isLoopback(remoteAddress);
  if (!here && !anyone) return NOBODY;
  if (!here || users?.any !== true) return ANONYMOUS;
  return {
    mechanisms: ['PLAIN', 'ANONYMOUS'],
    optional: true,
    check: (init) => (init.mechanism === 'PLAIN' ? plain(init, users) : ANONYMOUS.check(init)),
  };
}

/** PLAIN: an identity to act as, the one that logs in, and its secret, with NULs in between. */
async function plain({ response }: SaslInit, users: Users): Promise<Identity | undefined> {
  const [as, user, secret, ...more] = Buffer.from(response, 'latin1').toString('utf8').split('\0');
  const whole = user !== undefined && secret !== undefined && more.length === 0;
  const own = whole && (as === '' || as === user);
  // What is no response at all is answered like a wrong one.
  const admitted = await users.check(own ? user : '', own ? secret : '');
  return admitted && own ? { user } : undefined;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** sasl-mechanisms: an array of symbols. */
export function mechanismsFrame(mechanisms: readonly string[]): Buffer {
  const names = mechanisms.map((name) => Buffer.from(`\0\0\0\0${name}`, 'latin1'));
  for (const name of names) name.writeUInt32BE(name.length - 4);
  const symbols = Buffer.concat(names);
  const array = Buffer.from([0xf0, 0, 0, 0, 0, 0, 0, 0, names.length, 0xb3]);
  array.writeUInt32BE(symbols.length + 5, 1);
  return saslFrame(0x40, Buffer.concat([array, symbols]));
}

/** sasl-outcome: 0 lets in, 1 says that the credentials are wrong. */
export function outcomeFrame(admitted: boolean): Buffer {
  return saslFrame(0x44, Buffer.from([0x50, admitted ? 0 : 1]));
}

function saslFrame(code: number, only: Buffer): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 2, 1, 0, 0, 0, 0x53, code, 0xd0, 0, 0, 0, 0, 0, 0, 0, 1]);
  head.writeUInt32BE(head.length + only.length);
  head.writeUInt32BE(only.length + 4, 12);
  return Buffer.concat([head, only]);
}
