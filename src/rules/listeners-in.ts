/** Everything that would listen on a port, in order of place: AMQP first, then lanes by name. */
import type { Path } from '../diagnostics/report.ts';
import type { Address } from '../topology/address.ts';
import type { Topology } from '../topology/topology.ts';
import { entry, type Value, valueAt } from '../topology/value.ts';
import { pathOf } from './lanes-in.ts';

export interface Listener {
  readonly address: Address;
  /** Of the element. */
  readonly element: Path;
  /** Of its address, if one is written. */
  readonly path: Path;
  readonly what: string;
  readonly written: boolean;
}

export function listenersIn({ amqp, lanes }: Topology, data: Value): readonly Listener[] {
  const listener = (address: Address, element: Path, what: string): Listener => ({
    address,
    element,
    path: [...element, 'listen'],
    what,
    written: entry(valueAt(data, element), 'listen') !== undefined,
  });
  return [
    listener(amqp.listen, ['amqp'], 'AMQP'),
    ...[...lanes.values()].flatMap(({ name, vehicle, listen }) =>
      listen === null ? [] : [listener(listen, pathOf(vehicle, name), `lane "${name}"`)],
    ),
  ];
}
