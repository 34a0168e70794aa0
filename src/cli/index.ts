/** The commands, in the order `--help` lists them. A command is added by its file and one line here. */
import type { CommandEntry } from './command.ts';
import { completeCommand, completionCommand } from './completion-command.ts';
import { configCommand } from './config-command.ts';
import { evalCommand } from './eval-command.ts';
import { explainCommand } from './explain-command.ts';
import { graphCommand } from './graph-command.ts';
import { inferCommand } from './infer-command.ts';
import { initCommand } from './init-command.ts';
import { listCommand } from './list-command.ts';
import { planCommand } from './plan-command.ts';
import { reloadCommand } from './reload-command.ts';
import { runCommand } from './run-command.ts';
import { schemaCommand } from './schema-command.ts';
import { statusCommand } from './status-command.ts';
import { testCommand } from './test-command.ts';
import { tryCommand } from './try-command.ts';
import { validateCommand } from './validate-command.ts';
import { vehicleCommand } from './vehicle-command.ts';

export const commands: readonly CommandEntry[] = [
  runCommand,
  validateCommand,
  testCommand,
  tryCommand,
  evalCommand,
  explainCommand,
  graphCommand,
  planCommand,
  reloadCommand,
  statusCommand,
  vehicleCommand,
  initCommand,
  inferCommand,
  listCommand,
  schemaCommand,
  configCommand,
  completionCommand,
  completeCommand,
];
