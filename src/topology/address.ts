/** Addresses as an author writes them: `host:port`, `[::1]:port`, or a bare port, which means loopback. */

/** The host of a bare port: nobody outside this machine can reach it. */
const LOOPBACK = '127.0.0.1';
const PORT_MAX = 65_535;

export interface Address {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** @returns undefined when it is no address */
export function parseAddress(written: string | number): Address | undefined {
  const match = /^(?:(?:\[([0-9a-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(String(written));
  if (match === null) return undefined;
  const [, bracketed, name, digits] = match;
  const port = Number(digits);
  return port <= PORT_MAX ? { host: bracketed ?? name ?? LOOPBACK, port } : undefined;
}

/** @returns `host:port`, an IPv6 address in brackets */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Only this machine can reach it. A name other than `localhost` may be anything, so it counts as outside. */
export function isLoopback({ host }: Address): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whether two listeners would want the same port of the same interface, in either family. */
export function clash(a: Address, b: Address): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  if (a.host === b.host || isWildcard(a) || isWildcard(b)) return true;
  // The name stands for both loopback addresses.
  return [a.host, b.host].includes('localhost') && isLoopback(a) && isLoopback(b);
}

function isWildcard({ host }: Address): boolean {
  return host === '0.0.0.0' || /^[0:]*:[0:]*$/.test(host);
}
