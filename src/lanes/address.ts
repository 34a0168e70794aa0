/** Where a socket listens or dials, and how that is written for people. */

/** The host of a listener that names only a port: nobody outside this machine can reach it. */
export const LOOPBACK = '127.0.0.1';

export interface Address {
  /** A name or an IP address without brackets; absent: loopback. */
  readonly host?: string;
  /** 0: any free one (listeners only). */
  readonly port: number;
}

/** @returns `host:port`, an IPv6 address in brackets */
export function addressText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
