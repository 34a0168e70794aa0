/**
 * What may stand where the cursor is: commands, options and their values, and the names a topology or a live
 * runner knows. Walks the tree of commands, so nothing is listed twice. Says nothing where files are wanted. A
 * person waits at each Tab, so nothing is loaded that the place does not need.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import type { Status } from '../runner/status.ts';

export interface Candidate {
  readonly value: string;
  /** In a few words; empty: nothing worth saying. */
  readonly about: string;
}

/** The line so far, taken apart. */
interface Line {
  readonly command: Command;
  readonly operands: readonly string[];
  /** Values of options, by the option's long name. */
  readonly options: ReadonlyMap<string, string>;
  /** The option whose value is being written. */
  readonly pending: Option | undefined;
}

/** @param words behind the program's name; the last one is being written, and may be empty */
export async function complete(
  program: Command,
  words: readonly string[],
): Promise<readonly Candidate[]> {
  const all = withoutSigns(words);
  const current = all.at(-1) ?? '';
  const line = lineOf(program, all.slice(0, -1));
  const assigned = /^(--[\w-]+=)(.*)$/.exec(current);
  if (assigned !== null) {
    const [, head, rest] = assigned;
    const option = optionOf(line.command, head.slice(0, -1));
    const values = option === undefined ? [] : await valuesOf(option, line);
    return starting(values, rest).map((one) => ({ ...one, value: head + one.value }));
  }
  if (line.pending !== undefined) return starting(await valuesOf(line.pending, line), current);
  if (current.startsWith('-')) return starting(optionsOf(line.command), current);
  const commands = line.operands.length > 0 ? [] : commandsOf(line.command);
  return starting([...commands, ...(await argumentsOf(line))], current);
}

/** Bash makes words of their own of "=" signs. */
function withoutSigns(words: readonly string[]): readonly string[] {
  const kept = words.filter((word) => word !== '=');
  return words.at(-1) === '=' ? [...kept, ''] : kept;
}

function lineOf(program: Command, words: readonly string[]): Line {
  let command = program;
  let pending: Option | undefined;
  const operands: string[] = [];
  const options = new Map<string, string>();
  for (const word of words) {
    if (pending !== undefined) {
      options.set(pending.long ?? '', word);
      pending = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const [name, value] = word.split('=', 2);
      const option = optionOf(command, name);
      if (option?.required === true && value === undefined) pending = option;
      if (option !== undefined && value !== undefined) options.set(option.long ?? '', value);
    } else {
      const inner = operands.length === 0 && command.commands.find((one) => one.name() === word);
      if (inner) command = inner;
      else operands.push(word);
    }
  }
  return { command, operands, options, pending };
}

function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find(({ long, short }) => long === name || short === name);
}

function starting(candidates: readonly Candidate[], start: string): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(start));
}

function commandsOf(command: Command): readonly Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map((one) => ({ value: one.name(), about: one.description() }));
}

function optionsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, description }) => ({ value: long ?? '', about: description }));
}

async function argumentsOf(line: Line): Promise<readonly Candidate[]> {
  const { registeredArguments: known } = line.command;
  const last = known.at(-1);
  const argument = known[line.operands.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return [];
  return argument.argChoices?.map(bare) ?? named(argument.name(), line);
}

async function valuesOf(option: Option, line: Line): Promise<readonly Candidate[]> {
  if (option.argChoices !== undefined) return option.argChoices.map(bare);
  return option.long === '--allow-reset' ? named('operator', line) : [];
}

function bare(value: string): Candidate {
  return { value, about: '' };
}

/** Names that the word for an argument asks for. */
async function named(what: string, line: Line): Promise<readonly Candidate[]> {
  switch (what) {
    case 'lane':
      return (await namesIn(line)).lanes;
    case 'exit':
      // A runner lists it among the exits, a file does not.
      return [
        ...(await namesIn(line)).exits.filter(({ value }) => value !== 'dead_letter'),
        { value: 'dead_letter', about: 'exit' },
      ];
    case 'operator':
      return (await namesIn(line)).operators;
    case 'name': {
      const { vehicles, lanes, operators, exits } = await namesIn(line);
      return [...vehicles, ...lanes, ...operators, ...exits];
    }
    case 'what':
      return words();
    default:
      return [];
  }
}

/** What `explain` knows without a file. */
async function words(): Promise<readonly Candidate[]> {
  const { rules } = await import('../rules/index.ts');
  const { fieldList } = await import('../topology/field-list.ts');
  const { functions } = await import('../sql/functions.ts');
  return [
    ...rules.map(({ slug }) => ({ value: slug, about: 'rule' })),
    ...[...functions.keys()].map((value) => ({ value, about: 'function' })),
    ...fieldList().map(({ path, title }) => ({ value: path.join('.'), about: title })),
  ];
}

type Kind = 'vehicles' | 'lanes' | 'operators' | 'exits';
type Names = Readonly<Record<Kind, readonly Candidate[]>>;

/** From the file that the line names, valid or not, else from the runner it means. */
async function namesIn({ operands, options }: Line): Promise<Names> {
  const file = options.get('--topology') ?? operands.find((one) => /\.ya?ml$/.test(one));
  if (file !== undefined) return namesOfFile(file);
  const stateDir = options.get('--state-dir');
  const { findRunner } = await import('./find-runner.ts');
  // A person who asks for a name before anything runs is shown none; the command itself will say why.
  const status = await findRunner({ stateDir }).catch(() => undefined);
  return namesOfRunner(status);
}

async function namesOfFile(file: string): Promise<Names> {
  const { readDocument } = await import('../topology/document.ts');
  const { pathsTo } = await import('../topology/paths-to.ts');
  const { data = null } = existsSync(file) ? readDocument(readFileSync(file), file) : {};
  const at = (kind: Kind, pattern: readonly string[]): readonly Candidate[] =>
    pathsTo(data, pattern).map(({ path }) => candidate(kind, String(path.at(-1))));
  return {
    vehicles: at('vehicles', ['vehicles', '*']),
    lanes: at('lanes', ['vehicles', '*', 'lanes', '*']),
    operators: at('operators', ['operators', '*']),
    exits: at('exits', ['exits', '*']),
  };
}

function namesOfRunner(status: Status | undefined): Names {
  const names = (kind: Kind, all: readonly { readonly name: string }[] = []) =>
    all.map(({ name }) => candidate(kind, name));
  return {
    vehicles: names('vehicles', status?.vehicles),
    lanes: names('lanes', status?.lanes),
    operators: names('operators', status?.account.operators),
    exits: names('exits', status?.exits),
  };
}

function candidate(kind: Kind, value: string): Candidate {
  return { value, about: kind.slice(0, -1) };
}
