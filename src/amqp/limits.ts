/**
 * Every bound of the AMQP listener, in one value, so that tests can lower them and nobody waits. The
 * defaults are those a peer in order never meets; each has its reason beside it.
 */
export interface AmqpLimits {
  readonly headerMs: number;
  readonly saslMs: number;
  readonly openMs: number;
  readonly frameMs: number;
  readonly idleMs: number;
  readonly stallMs: number;
  readonly lingerMs: number;
  readonly frameBeforeOpen: number;
  readonly turnCost: number;
  readonly sessions: number;
  readonly links: number;
  readonly strangers: number;
  readonly parked: number;
  readonly unsent: number;
  readonly inFlightBytes: number;
}

export const AMQP_LIMITS: AmqpLimits = {
  headerMs: 5_000, // eight bytes: one round trip, even from far away
  saslMs: 5_000, // until the outcome of SASL
  openMs: 10_000, // from the protocol header to `open`
  frameMs: 30_000, // a started frame of 64 KiB needs 2 KiB/s
  idleMs: 30_000, // advertised; silence of twice this closes
  stallMs: 60_000, // the kernel took nothing of what we wrote: the peer does not read
  lingerMs: 5_000, // from our end of the stream to the peer's
  frameBeforeOpen: 4_096, // what a stranger may make us keep; `open` needs about 200 bytes
  turnCost: 256 * 1024, // bytes (frames count at least FRAME_COST) of one peer per turn of the loop
  sessions: 64, // per connection; channels 0 to 63
  links: 256, // per connection; handles 0 to 255 in each session
  strangers: 256, // connections before `open` that are read at a time
  parked: 1_024, // further ones wait unread; beyond that they are closed
  unsent: 1024 * 1024, // bytes waiting in one socket at which its links pause
  inFlightBytes: 4 * 1024 * 1024, // unsettled bytes per link
};
