/** What a program that the roundabout starts finds in its environment. */
import { expect, test } from '@jest/globals';
import { vehicleEnvironment } from '../../src/runner/environment.ts';
import { topologyOf } from '../tools/flow-world.ts';

const TOPOLOGY = topologyOf(`
version: 1
name: env
http: false
amqp: { listen: 0 }
vehicles:
  shop: { lanes: { words: { listen: 0, codec: text } } }
  clerk: { command: [node, clerk.js] }
  mayor: { command: [node, mayor.js] }
exits:
  out: { from: words, for: [mayor], address: results }
dead_letter: { address: dead, for: [clerk, mayor] }
`);

test('a program finds its lanes, its exits and, if they are for it, the dead letters', () => {
  const environment = (vehicle: string) =>
    vehicleEnvironment(
      TOPOLOGY,
      vehicle,
      { number: 2, planned: null },
      '127.0.0.1:5672',
      (lane) => `${lane}:1`,
    );
  const common = { ROUNDABOUT_RUN: '2', ROUNDABOUT_AMQP: '127.0.0.1:5672' };
  expect(environment('shop')).toEqual({
    ...common,
    ROUNDABOUT_VEHICLE: 'shop',
    ROUNDABOUT_LANE_WORDS: 'words:1',
  });
  expect(environment('clerk')).toEqual({
    ...common,
    ROUNDABOUT_VEHICLE: 'clerk',
    ROUNDABOUT_EXIT_DEAD_LETTER: 'dead',
  });
  expect(environment('mayor')).toEqual({
    ...common,
    ROUNDABOUT_VEHICLE: 'mayor',
    ROUNDABOUT_EXIT_OUT: 'results',
    ROUNDABOUT_EXIT_DEAD_LETTER: 'dead',
  });
});
