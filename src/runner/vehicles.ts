/**
 * The programs of a flow's vehicles, and their runs in the log: `run began`, and at the end, when every
 * connection of the vehicle's lanes has its `closed` entry, `run ended` and, if it was clean,
 * `finish` for the lanes that ask for it.
 */
import type { Lane } from '../lanes/lane.ts';
import { type Program, startProgram } from '../lanes/supervisor.ts';
import type { Id } from '../stream/entry.ts';
import type { Journal, Notify } from '../stream/port.ts';
import type { Topology, Vehicle } from '../topology/topology.ts';
import { vehicleEnvironment } from './environment.ts';
import type { VehicleStatus } from './status.ts';
