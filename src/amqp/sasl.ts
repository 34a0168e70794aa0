/**
 * SASL at our end of a connection (AMQP 1.0, part 5, section 5.3): who may come in, and the three
 * frames we say it with. The guard speaks it; the protocol library never sees it. Today everybody on
 * this machine is anonymous; a mechanism that knows users is another `Authenticator`.
 */

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
  /** @returns whether the client may come in */
  check(init: SaslInit): boolean | Promise<boolean>;
}

const ANONYMOUS: Authenticator = {
  mechanisms: ['ANONYMOUS'],
  optional: true,
  check: (init) => init.mechanism === 'ANONYMOUS',
};

/** PLAIN is the name every client has a mechanism for; it opens nothing. */
const NOBODY: Authenticator = { mechanisms: ['PLAIN'], optional: false, check: () => false };

/** Who may come in from this address, `anyone` being the author's word for a listener beyond loopback. */
export function authenticatorFor(remoteAddress: string, anyone: boolean): Authenticator {
  return anyone || isLoopback(remoteAddress) ? ANONYMOUS : NOBODY;
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
