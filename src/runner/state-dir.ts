/**
 * The state directory of a flow: who it belongs to, and who runs it. One runner at a time, by its lock;
 * `fresh` sets an old one aside instead of deleting it.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { ENGINE_VERSION } from '../engine/engine.ts';
import type { Disk } from '../store/disk.ts';
import { takeLock } from '../store/lock.ts';
import { openManifest } from '../store/manifest.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { nodeDisk } from '../store/node-disk.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Clock } from '../stream/port.ts';

export interface StateDir {
  readonly disk: Disk;
  readonly folder: string;
  readonly pipelineId: string;
  readonly epoch: number;
  close(): Promise<void>;
}
