/** `roundabout vehicle send|recv`: a stand-in vehicle, so that results are seen without writing one. */
import { InvalidArgumentError } from 'commander';
import { type CommandEntry, SECRET_VARIABLE } from './command.ts';
import { runnerOptions } from './status-command.ts';

interface Where {
  readonly stateDir?: string;
  readonly topology?: string;
}

function positive(value: string): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('it is a whole number above 0.');
}

export const vehicleCommand: CommandEntry = {
  name: 'vehicle',
  summary: 'stand in for a vehicle: send a file into a lane, receive from an exit',
  define: (command, run) => {
    const send = command
      .command('send')
      .description('drive the lines of a file into a lane')
      .argument('<lane>', 'the name of the lane')
      .argument('<file>', 'the file, or - for standard input');
    const recv = command
      .command('recv')
      .description('print what an exit holds, as lines of JSON')
      .argument('<exit>', 'the name of the exit, or dead_letter')
      .option('--count <n>', 'how many to wait for', positive, 1)
      .option('--as <vehicle>', `log in as this vehicle, with the secret in ${SECRET_VARIABLE}`)
      .option('--ack', 'acknowledge them: they leave the hold. Without it they stay');
    for (const option of runnerOptions()) {
      send.addOption(option);
      recv.addOption(option);
    }
    send.action((lane: string, file: string, where: Where) =>
      run(async () => (await import('./vehicle.ts')).sendFile(lane, file, where)),
    );
    recv.action((exit: string, options: Where & { count: number; ack?: boolean; as?: string }) =>
      run(async () => (await import('./vehicle.ts')).receiveFrom(exit, options)),
    );
  },
};
