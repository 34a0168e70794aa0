import type { Disk } from '../store/disk.ts';

export interface StateDir {
  readonly disk: Disk;
  readonly folder: string;
  readonly pipelineId: string;
  readonly epoch: number;
  close(): Promise<void>;
}
