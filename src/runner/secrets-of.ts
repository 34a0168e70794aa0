/** What vehicles log in with, taken from a topology that was read with the world around it. */
import { reveal } from '../topology/secret.ts';
import type { Topology } from '../topology/topology.ts';

/** @returns secrets by the name of the vehicle */
export function secretsOf({ vehicles }: Topology): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>();
  for (const { name, secret } of vehicles.values()) {
    const value = secret === null ? undefined : reveal(secret);
    if (value !== undefined) secrets.set(name, value);
  }
  return secrets;
}
