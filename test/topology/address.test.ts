/** Addresses as authors write them, and which of them meet. */
import { describe, expect, test } from '@jest/globals';
import { clash, formatAddress, isLoopback, parseAddress } from '../../src/topology/address.ts';

function read(text: string | number) {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

describe('addresses', () => {
  test.each<[string | number, string, number]>([
    [7001, '127.0.0.1', 7001],
    ['7001', '127.0.0.1', 7001],
    ['0', '127.0.0.1', 0],
    ['localhost:9999', 'localhost', 9999],
    ['[::1]:7001', '::1', 7001],
    ['my-host.example.org:65535', 'my-host.example.org', 65_535],
  ])('%s is read', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(parseAddress(formatAddress({ host, port }))).toEqual({ host, port });
  });

  test.each(['', 'host', 'host:', ':1', 'a b:1', '65536', 'host:99999', '::1:7001', '-1', '1.5'])(
    '"%s" is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test('only numbers of this machine and "localhost" are loopback', () => {
    expect(['1', '127.9.9.9:1', '[::1]:1', 'localhost:1'].map(read).every(isLoopback)).toBe(true);
    expect(['0.0.0.0:1', '[::]:1', 'a:1', '10.0.0.1:1'].map(read).some(isLoopback)).toBe(false);
  });

  test.each<[string, string, boolean]>([
    ['7001', '7001', true],
    ['7001', '7002', false],
    ['0', '0', false],
    ['0.0.0.0:7001', '7001', true],
    ['[::]:7001', '7001', true],
    ['[0:0::0]:7001', '10.0.0.1:7001', true],
    ['localhost:7001', '7001', true],
    ['localhost:7001', '[::1]:7001', true],
    ['[::1]:7001', '127.0.0.1:7001', false],
    ['10.0.0.1:7001', '10.0.0.2:7001', false],
  ])('%s and %s on one machine: %s', (a, b, expected) => {
    expect(clash(read(a), read(b))).toBe(expected);
    expect(clash(read(b), read(a))).toBe(expected);
  });
});
