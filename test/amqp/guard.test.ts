import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { closeWorlds } from '../tools/amqp-listener.ts';
import { HonestPair } from '../tools/honest-pair.ts';
import {
  AMQP,
  attach,
  begin,
  described,
  destroySockets,
  detach,
  flow,
  frame,
  hello,
  list,
  nil,
  no,
  open,
  performative,
  rawConnect,
  SASL,
  symbol,
  uint,
  yes,
} from '../tools/raw-amqp.ts';
import { disconnectAll } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

let pair: HonestPair;

afterEach(async () => {
  destroySockets();
  disconnectAll();
  await closeWorlds();
});

const served = Buffer.concat([hello, attach(0, 'one'), flow(0, 10)]);

describe('a client that is in order', () => {
  beforeEach(async () => {
    pair = await HonestPair.open();
  });

  test('SASL, open, begin and attach may come in one piece', async () => {
    pair.results.fill(2);
    const init = frame(described(0x41, list(symbol('ANONYMOUS'))), 0, 1);
    const raw = await pair.send(SASL, init, served);
    await until(() => raw.codes().length === 7);
    expect(raw.codes()).toEqual([0x40, 0x44, 0x10, 0x11, 0x12, 0x14, 0x14]);
  });

  test('a frame may come byte by byte', async () => {
    pair.results.fill(1);
    const raw = await rawConnect(pair.world.port);
    raw.socket.setNoDelay(true);
    for (const byte of served) raw.socket.write(Buffer.from([byte]));
    await until(() => raw.codes().includes(0x14));
    expect(raw.codes()).toEqual([0x10, 0x11, 0x12, 0x14]);
  });

  test('a link may be detached and attached anew in one piece', async () => {
    pair.results.fill(1);
    const raw = await pair.send(hello, attach(0, 'one'), detach(0), attach(0, 'one'), flow(0, 1));
    await until(() => raw.codes().includes(0x14));
    expect(raw.codes()).toEqual([0x10, 0x11, 0x12, 0x16, 0x12, 0x14]);
  });

  test('a thousand links may come and go in one piece', async () => {
    const cycles = Array.from({ length: 1_000 }, () => [attach(0, 'one'), detach(0)]).flat();
    const raw = await pair.send(hello, ...cycles);
    await until(() => raw.codes().length === 2 + 2_000);
    expect(pair.world.listener.attached('results')).toBe(0);
    await pair.expectUnharmed();
  });

  test('an echo is answered with the true state, for a link and for a session', async () => {
    pair.results.fill(3);
    const raw = await pair.send(served);
    await until(() => raw.codes().filter((code) => code === 0x14).length === 3);
    const fields = [uint(3), uint(2048), uint(0), uint(2048)];
    const rest = [uint(0), uint(0), uint(10), nil, no, yes];
    raw.socket.write(performative(0x13, [...fields, ...rest]));
    await until(() => raw.codes().at(-1) === 0x13);
    const flows = raw.codes().filter((code) => code === 0x13).length;
    raw.socket.write(performative(0x13, [...fields, nil, nil, nil, nil, no, yes]));
    await until(() => raw.codes().filter((code) => code === 0x13).length === flows + 1);
    // delivery-count 3, link-credit 7, as small uints.
    expect(raw.bytes().includes(Buffer.from([0x52, 3, 0x52, 7]))).toBe(true);
  });

  test('a session window of one frame at a time is kept', async () => {
    pair.results.add('x'.repeat(1_000), 'y');
    const small = Buffer.concat([AMQP, open(nil, uint(512)), begin()]);
    const raw = await pair.send(small, attach(0, 'one'), flow(0, 10, 1));
    const transfers = (): number => raw.codes().filter((code) => code === 0x14).length;
    for (let sent = 1; sent <= 4; sent++) {
      await until(() => transfers() === sent);
      await pair.expectUnharmed();
      expect(transfers()).toBe(sent);
      const window = [uint(sent), uint(1), uint(0), uint(2048)];
      raw.socket.write(performative(0x13, window));
    }
  });

  test('a link that is closed in the middle of a message leaves its session usable', async () => {
    pair.results.add('x'.repeat(1_000), 'y');
    const small = Buffer.concat([AMQP, open(nil, uint(512)), begin()]);
    const raw = await pair.send(small, attach(0, 'one'), flow(0, 10, 1));
    await until(() => raw.codes().at(-1) === 0x14);
    raw.socket.write(Buffer.concat([detach(0), attach(1, 'two')]));
    await until(() => raw.codes().at(-1) === 0x12);
    const granted = [uint(1), uint(100), uint(0), uint(2048), uint(1), uint(0), uint(10)];
    raw.socket.write(performative(0x13, granted));
    await until(() => raw.codes().filter((code) => code === 0x14).length === 1 + 3 + 1);
    expect(raw.closed).toBe(false);
  });
});
