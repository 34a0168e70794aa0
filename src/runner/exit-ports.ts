/**
 * The exits of a shard as the AMQP listener sees them: the address, the hold behind it, and the way out for
 * what can't be delivered. The dead letter is one of them, the one without a way out.
 */
import type { ExitPort } from '../amqp/pump.ts';
import type { WayOut } from '../amqp/settle.ts';
import type { ExitPlan } from '../topology/plan.ts';
import type { Shard } from './shard.ts';

/** Of the dead letter, messages in flight per link: as of an exit that doesn't say. */
const MAX_UNSETTLED = 1024;

export function exitPorts(shard: Shard): readonly ExitPort[] {
  return [...shard.plan.exits, shard.plan.deadLetter].map((exit) => {
    const messages = shard.holds.get(exit.id);
    if (messages === undefined) throw new Error(`exit ${exit.name} has no hold`);
    return {
      name: exit.name,
      address: exit.address,
      messages,
      maxUnsettled: 'maxUnsettled' in exit ? exit.maxUnsettled : MAX_UNSETTLED,
      wayOut: 'maxDeliveries' in exit ? wayOut(exit, shard) : null,
      vehicles: exit.for,
    };
  });
}

function wayOut({ id, maxDeliveries }: ExitPlan, shard: Shard): WayOut {
  return {
    maxDeliveries,
    move: (sequence, refusal, message) => shard.redirect(id, sequence, refusal, message),
  };
}
