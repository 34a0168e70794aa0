/** Vehicles that log in: with rhea, with Qpid Proton, and with whatever bytes. */
import { afterEach, describe, expect, test } from '@jest/globals';
import rhea, { type Connection, type EventContext } from 'rhea';
import { authenticatorFor } from '../../src/amqp/sasl.ts';
import { Users } from '../../src/amqp/users.ts';
import { ManualClock, systemClock } from '../../src/stream/clock.ts';
import { closeWorlds, openWorld, type World } from '../tools/amqp-listener.ts';
import { hasProton, runPython, stopPython } from '../tools/proton.ts';
import { connect, disconnectAll, receive } from '../tools/rhea-client.ts';
import { until } from '../tools/wait.ts';

afterEach(async () => {
  stopPython();
  disconnectAll();
  await closeWorlds();
});

/** rhea sends no others than ASCII whole. */
const SECRETS = { biller: 'open sesame', clerk: 'tick', painter: 'sésame, ouvre-toi' };

async function world(): Promise<World> {
  const opened = await openWorld({
    exits: ['invoices', 'reports', 'public'],
    secrets: SECRETS,
    vehicles: { invoices: ['biller'], reports: ['painter', 'clerk', 'guest'], public: ['guest'] },
  });
  for (const hold of opened.holds.values()) hold.fill(2);
  return opened;
}

/** What a receiver gets at an address: ids, or the condition it is refused with. */
async function taken(connection: Connection, address: string): Promise<number[] | string> {
  const taking = receive(connection, { address, credit: 10 });
  await until(() => taking.got.length === 2 || taking.error !== undefined);
  return taking.error?.condition ?? taking.got.map(({ id }) => id);
}

const FORBIDDEN = 'amqp:unauthorized-access';

describe('a vehicle with rhea', () => {
  test('that logs in takes from the exits that are for it', async () => {
    const { port } = await world();
    const biller = await connect(port, { username: 'biller', password: SECRETS.biller });
    expect(await taken(biller, 'invoices')).toEqual([1, 2]);
    expect(await taken(biller, 'public')).toEqual([1, 2]);
    const clerk = await connect(port, { username: 'clerk', password: SECRETS.clerk });
    expect(await taken(clerk, 'reports')).toEqual([1, 2]);
    expect(await taken(clerk, 'invoices')).toBe(FORBIDDEN);
  });

  test('that gives no name takes only where no secret is asked for', async () => {
    const { port } = await world();
    const nobody = await connect(port);
    expect(await taken(nobody, 'invoices')).toBe(FORBIDDEN);
    expect(await taken(nobody, 'reports')).toBe(FORBIDDEN);
    expect(await taken(nobody, 'public')).toEqual([1, 2]);
  });

  test('is detached when an edit asks for a secret, and what it had in flight stays held', async () => {
    const { port, holds, secure } = await world();
    const nobody = receive(await connect(port), { address: 'public', credit: 10 });
    const logins = { username: 'clerk', password: SECRETS.clerk };
    const clerk = receive(await connect(port, logins), { address: 'public', credit: 10 });
    await until(() => nobody.got.length + clerk.got.length === 2);
    secure('public', ['clerk']);
    await until(() => nobody.error !== undefined && clerk.got.length === 2);
    expect(nobody.error?.condition).toBe(FORBIDDEN);
    expect(clerk.error).toBeUndefined();
    expect(holds.get('public')?.held).toBe(2);
  });

  test('is given no hint of an address it may not use', async () => {
    const { port } = await world();
    const nobody = await connect(port);
    const taking = receive(nobody, { address: 'invoicess' });
    await until(() => taking.error !== undefined);
    expect(taking.error?.description).not.toContain('did you mean');
  });

  test.each([
    ['a wrong secret', 'biller', 'open says me'],
    ['the secret of another', 'biller', SECRETS.clerk],
    ['a name that nobody has', 'guest', 'open sesame'],
  ])('with %s is not let in: the outcome of SASL is auth', async (_, username, password) => {
    const { port } = await world();
    const connection = rhea.create_container().connect({
      host: '127.0.0.1',
      port,
      reconnect: false,
      username,
      password,
    });
    connection.on('disconnected', () => {});
    const failed = await new Promise<EventContext>((done) => {
      connection.on('connection_error', done);
    });
    // 1 is `auth`, part 5, section 5.3.3.6.
    expect(String(Object(failed.error).description ?? Object(failed.error).message)).toBe(
      'Failed to authenticate: 1',
    );
    expect(connection.is_open()).toBe(false);
  });
});

/** A clock that tells whether someone waits for it. */
class AskedClock extends ManualClock {
  asked = false;

  override wake(at: number, call: () => void) {
    this.asked = true;
    return super.wake(at, call);
  }
}

describe('PLAIN', () => {
  const answers = async (response: string, secrets: Readonly<Record<string, string>> = SECRETS) => {
    const clock = new AskedClock(0);
    const users = new Users(clock);
    users.update(new Map(Object.entries(secrets)));
    const { check } = authenticatorFor('127.0.0.1', false, users);
    let answer: unknown = 'none yet';
    const decided = Promise.resolve(check({ mechanism: 'PLAIN', response })).then((identity) => {
      answer = identity;
    });
    await until(() => answer !== 'none yet' || clock.asked);
    const waited = answer === 'none yet';
    clock.advance(1_000_000);
    await decided;
    return { answer, waited };
  };
  const plain = (...parts: string[]): string =>
    Buffer.from(parts.join('\0'), 'utf8').toString('latin1');

  test.each([
    ['no other identity', plain('', 'biller', SECRETS.biller)],
    ['its own identity', plain('biller', 'biller', SECRETS.biller)],
  ])('lets a vehicle in under %s, at once', async (_, response) => {
    expect(await answers(response)).toEqual({ answer: { user: 'biller' }, waited: false });
  });

  test.each([
    ['the identity of another', plain('clerk', 'biller', SECRETS.biller)],
    ['too few parts', plain('biller', SECRETS.biller)],
    ['too many parts', plain('', 'biller', SECRETS.biller, '')],
    ['nothing', ''],
    ['a wrong secret', plain('', 'biller', 'x')],
    ['an unknown name', plain('', 'nobody', 'x')],
    ['a name and secret that are empty', plain('', '', '')],
  ])('refuses %s, a second later', async (_, response) => {
    expect(await answers(response)).toEqual({ answer: undefined, waited: true });
  });

  test('is not spoken beyond this machine, where it could be overheard', () => {
    const users = new Users(systemClock);
    users.update(new Map(Object.entries(SECRETS)));
    const anyone = authenticatorFor('10.0.0.1', true, users);
    expect(anyone.mechanisms).toEqual(['ANONYMOUS']);
    const closed = authenticatorFor('10.0.0.1', false, users);
    expect(
      closed.check({ mechanism: 'PLAIN', response: plain('', 'clerk', 'tick') }),
    ).toBeUndefined();
  });

  test('is over for those whose secret is gone or another', async () => {
    const users = new Users(systemClock);
    users.update(new Map([['clerk', 'tick']]));
    expect(await users.check('clerk', 'tick')).toBe(true);
    users.update(new Map([['clerk', 'tock']]));
    expect(await users.check('clerk', 'tick')).toBe(false);
    expect(await users.check('clerk', 'tock')).toBe(true);
    users.update(new Map());
    expect(users.any).toBe(false);
  });
});

(hasProton ? describe : describe.skip)('a vehicle with Qpid Proton for Python', () => {
  test('that logs in receives what is for it', async () => {
    const { port, holds } = await world();
    const login = ['painter', SECRETS.painter];
    const ended = await runPython('proton_receiver.py', port, 'reports', 2, 'default', ...login);
    expect(ended).toMatchObject({ status: 0, errors: '' });
    expect(ended.lines).toEqual(["1 {'n': 1} 0", "2 {'n': 2} 0"]);
    expect(holds.get('reports')?.held).toBe(0);
  });

  test('that gives no name, or logs in as another, is refused at the exit', async () => {
    const { port } = await world();
    const nobody = await runPython('proton_receiver.py', port, 'invoices', 1);
    expect(nobody.lines[0]).toContain(FORBIDDEN);
    const login = ['clerk', SECRETS.clerk];
    const other = await runPython('proton_receiver.py', port, 'invoices', 1, 'default', ...login);
    expect(other.lines[0]).toContain(FORBIDDEN);
  });

  test('with a wrong secret is not let in', async () => {
    const { port } = await world();
    const login = ['biller', 'wrong'];
    const ended = await runPython('proton_receiver.py', port, 'invoices', 1, 'default', ...login);
    expect(ended.lines.join('\n')).toContain(FORBIDDEN);
  });
});
