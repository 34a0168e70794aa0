import { describe, expect, test } from '@jest/globals';
import { authenticatorFor } from '../../src/amqp/sasl.ts';

const anonymous = { mechanism: 'ANONYMOUS', response: '' };

describe('who may come in', () => {
  test.each(['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1'])(
    'anybody from this machine (%s), with SASL or without',
    (address) => {
      const authenticator = authenticatorFor(address, false);
      expect(authenticator.check(anonymous)).toEqual({ user: null });
      expect(authenticator.optional).toBe(true);
    },
  );

  test.each(['10.0.0.1', '192.168.127.1', '::2', 'fe80::127.0.0.1', ''])(
    'nobody from elsewhere (%s) unless the file lets everybody in',
    (address) => {
      const closed = authenticatorFor(address, false);
      expect(closed.mechanisms).not.toContain('ANONYMOUS');
      expect(closed.check(anonymous)).toBeUndefined();
      expect(closed.optional).toBe(false);
      expect(authenticatorFor(address, true).check(anonymous)).toEqual({ user: null });
    },
  );
});
