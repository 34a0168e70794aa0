/**
 * An element of a flow read aloud: what it reads, does, keeps and for how long, what its time goes by, when
 * results leave, who reads them and who stops when they cannot leave. What an operator says of itself comes
 * from its definition; here is only what its place in the flow adds.
 */
import assert from 'node:assert';
import { listed } from '../diagnostics/words.ts';
import type { Spoken, Surroundings } from '../operators/operator.ts';
import { readersWithoutTime } from '../operators/spec.ts';
import { type Field, typeText } from '../stream/schema.ts';
import { formatDuration } from '../stream/time.ts';
import { formatAddress } from './address.ts';
import { type FlowStream, flowStreams } from './flow-streams.ts';
import { fullWords, keepWords } from './hold-words.ts';
import type { BadRecordAnswer, ExitPlan, LanePlan, Plan, StagePlan } from './plan.ts';
import { lanesBehind, lanesTiming } from './resolve.ts';
import { stoppedBy } from './stopped-by.ts';
import { laneStreamNames, laneStreams, timedBy } from './streams.ts';
import type { Codec, Topology, Vehicle } from './topology.ts';
import { beginWords, endWords } from './vehicle-words.ts';

/** Sentences under a word: `reads`, `keeps`. */
export interface Paragraph {
  readonly label: string;
  readonly sentences: readonly string[];
}

export interface ReadAloud {
  readonly kind: 'vehicle' | 'lane' | 'operator' | 'exit';
  readonly name: string;
  /** `operator, aggregate`. */
  readonly title: string;
  readonly paragraphs: readonly Paragraph[];
}

/**
 * Every element of the name (a vehicle, a lane and an exit may share one), or the operator that makes a stream
 * of it. Empty: there is none.
 */
export function readAloud(topology: Topology, plan: Plan, name: string): readonly ReadAloud[] {
  const vehicle = topology.vehicles.get(name);
  const lane = plan.lanes.find((one) => laneStreamNames(one).includes(name));
  const stage = plan.stages.find((one) => one.name === name || one.streams.includes(name));
  const exit = plan.exits.find((one) => one.name === name);
  return [
    ...(vehicle === undefined ? [] : [vehicleAloud(vehicle, topology)]),
    ...(lane === undefined ? [] : [laneAloud(lane, topology, plan)]),
    ...(stage === undefined ? [] : [stageAloud(stage, topology, plan)]),
    ...(exit === undefined ? [] : [exitAloud(exit, topology)]),
  ];
}

/** What an operator says of itself, told where it stands. */
export function spokenOf(stage: StagePlan, topology: Topology): Spoken {
  const { definition, checked, name, from } = stage;
  const lanes = timing(stage, topology).map((lane) => ({
    name: lane,
    maxDelay: topology.lanes.get(lane)?.eventTime?.maxDelay ?? 0,
  }));
  const around: Surroundings = { name, from, lanes };
  const silent = { brief: '', does: [definition.summary], keeps: [], leaves: [] };
  return definition.describe?.(checked as never, around) ?? silent;
}

function lanesOf(topology: Topology, streams: readonly string[]): readonly string[] {
  return [...new Set(streams.flatMap((stream) => lanesBehind(topology, stream)))].sort();
}

/** Lanes whose time a stage goes by. */
function timing({ name }: StagePlan, topology: Topology): readonly string[] {
  const operator = topology.operators.get(name);
  const streams = operator === undefined ? [] : timedBy(operator);
  return [...new Set(streams.flatMap((stream) => lanesTiming(topology, stream)))].sort();
}

function paragraphs(
  all: readonly (readonly [label: string, sentences: readonly string[]])[],
): readonly Paragraph[] {
  return all
    .filter(([, sentences]) => sentences.length > 0)
    .map(([label, sentences]) => ({ label, sentences }));
}

function vehicleAloud(vehicle: Vehicle, topology: Topology): ReadAloud {
  const { name, command, uses, lanes } = vehicle;
  const exits = [...topology.exits.values()].filter((exit) => exit.for.includes(name));
  return {
    kind: 'vehicle',
    name,
    title: 'vehicle',
    paragraphs: paragraphs([
      [
        'runs',
        [
          uses !== null
            ? `Is built in: ${uses.name}.`
            : command === null
              ? 'Runs elsewhere: the roundabout does not start it.'
              : `Is started by the roundabout, as \`${command.join(' ')}\`.`,
        ],
      ],
      ['begins', command === null ? [] : beginWords(vehicle)],
      ['ends', command === null ? [] : endWords(vehicle)],
      ['feeds', lanes.length === 0 ? [] : [`Drives in at ${listed([...lanes].sort())}.`]],
      [
        'takes',
        exits.length === 0
          ? []
          : [`Is meant to take what waits at ${listed(exits.map((exit) => exit.name))}.`],
      ],
    ]),
  };
}

function laneAloud(plan: LanePlan, topology: Topology, flow: Plan): ReadAloud {
  const lane = topology.lanes.get(plan.name);
  assert(lane !== undefined, `lane ${plan.name} is in the plan only`);
  const at =
    lane.connect === null
      ? lane.listen?.port === 0
        ? 'dials a free port, which it finds in its environment or the status'
        : `dials ${formatAddress(lane.listen ?? { host: '', port: 0 })}`
      : `listens at ${formatAddress(lane.connect)}, and is dialled`;
  const streams = laneStreams(plan);
  const isClosed = lane.unknownFields === 'reject';
  return {
    kind: 'lane',
    name: plan.name,
    title: `lane of ${lane.vehicle}`,
    paragraphs: paragraphs([
      [
        'reads',
        [
          `Vehicle ${lane.vehicle} ${at}. ${codecWords(lane.codec)}`,
          ...(isClosed ? ['One with fields that are not listed is no record.'] : []),
          BAD_RECORD[lane.badRecord],
        ],
      ],
      ['gives', streams.flatMap((stream) => streamWords(stream, streams.length > 1))],
      ['time', laneTime(plan)],
      ['read by', readersOf(flow, laneStreamNames(plan))],
      [
        'waits',
        [
          `When what comes cannot be written as fast, or the disk runs low, the lane is not read, and ${lane.vehicle} waits.`,
          ...stoppingWords(topology, plan.name),
        ],
      ],
    ]),
  };
}

const HELD = 'A line that is no record is held at the dead letter, with the reason';
const BAD_RECORD: Readonly<Record<BadRecordAnswer, string>> = {
  dead_letter: `${HELD}.`,
  skip: 'A line that is no record is counted and skipped.',
  stop: `${HELD}, and the runner ends.`,
  close: `${HELD}, and its connection is closed.`,
};

function codecWords(codec: Codec): string {
  switch (codec.kind) {
    case 'ndjson':
      return 'Every line is one record, a JSON object.';
    case 'text':
      return `Every line is one record, its text the field ${codec.field.name}.${
        codec.separator === '\n' ? '' : ` A line ends at ${JSON.stringify(codec.separator)}.`
      }`;
    case 'csv': {
      const named =
        codec.columns === null
          ? 'the first line of each connection names its columns'
          : `its columns are ${listed(codec.columns)}`;
      return `Every line is one record in cells (CSV); ${named}.`;
    }
    case 'pattern':
      return `Every line is one record, which the pattern ${codec.pattern} takes apart.`;
  }
}

/** The exits that stop a lane when they are full. */
function stoppingWords(topology: Topology, lane: string): readonly string[] {
  const stopping = [...topology.exits.values()].filter((exit) =>
    stoppedBy(topology, exit).lanes.includes(lane),
  );
  if (stopping.length === 0) return [];
  return [
    `So it is while ${listed(
      stopping.map(({ name }) => name),
      'or',
    )} is full.`,
  ];
}

function laneTime({ eventTime, lateTo, supervised, atEnd }: LanePlan): readonly string[] {
  if (eventTime === null) {
    return ['Its records have no time of their own: the time of their arrival counts.'];
  }
  const { field, maxDelay, idleTimeout } = eventTime;
  const end = supervised ? 'its program ends well' : 'its last connection is closed in order';
  return [
    maxDelay === 0
      ? `Time goes by ${field}: a record with an earlier one than the newest is late.`
      : `Time goes by ${field}: a record may be ${formatDuration(maxDelay)} behind the newest, then it is late.`,
    ...(lateTo === null ? [] : [`Late records leave on ${lateTo} and nowhere else.`]),
    idleTimeout === null
      ? 'However long it is silent, what reads it waits for its time.'
      : `Silent for ${formatDuration(idleTimeout)}, it no longer holds back what reads other lanes as well.`,
    ...(atEnd === 'finish' ? [`When ${end}, the windows that it fed are closed.`] : []),
  ];
}

function stageAloud(stage: StagePlan, topology: Topology, plan: Plan): ReadAloud {
  const { name, definition, from, streams } = stage;
  const spoken = spokenOf(stage, topology);
  const lanes = lanesOf(topology, from);
  const made = flowStreams(plan).filter((stream) => streams.includes(stream.name));
  const description = topology.operators.get(name)?.description;
  const behind = from.every((stream) => lanes.includes(stream))
    ? ''
    : ` Its records come from ${listed(lanes)}.`;
  return {
    kind: 'operator',
    name,
    title: `operator, ${definition.type}`,
    paragraphs: paragraphs([
      ['is', description == null ? [] : [description]],
      ['reads', [`Reads ${listed(from)}.${behind}`]],
      ['does', spoken.does],
      ['keeps', spoken.keeps.length > 0 ? spoken.keeps : ['Keeps nothing between two records.']],
      ['time', operatorTime(timing(stage, topology), topology)],
      [
        'leaves',
        spoken.leaves.length > 0
          ? spoken.leaves
          : ['What it makes leaves with the record it comes from.'],
      ],
      ['gives', made.flatMap((stream) => streamWords(stream, made.length > 1))],
      ['read by', readersOf(plan, streams)],
      ['waits', stopWords(topology, exitsBehind(plan, streams))],
    ]),
  };
}

function operatorTime(lanes: readonly string[], topology: Topology): readonly string[] {
  const timed = lanes.map((name) => {
    const eventTime = topology.lanes.get(name)?.eventTime;
    if (eventTime == null) return `arrival at ${name}`;
    const delay =
      eventTime.maxDelay === 0 ? '' : `, up to ${formatDuration(eventTime.maxDelay)} late`;
    return `${eventTime.field} of ${name}${delay}`;
  });
  return lanes.length === 1
    ? [`Time goes by ${timed[0]}.`]
    : [`Time goes by the lane that is farthest behind: ${listed(timed, 'or')}.`];
}

/** What a stream is, and what may read it. */
function streamWords(stream: FlowStream, named: boolean): readonly string[] {
  const { name, schema, progress } = stream;
  const fields = named ? `${name}: ${fieldWords(schema.fields)}` : fieldWords(schema.fields);
  if (progress === 'watermark') return [fields];
  const readers = readersWithoutTime(progress);
  return [
    fields,
    progress === 'none'
      ? `${name} has no time that goes on: its records are final but come whenever they come, so only ${readers} can read it.`
      : `A later record of ${name} takes the place of an earlier one, so only ${readers} can read it.`,
  ];
}

/** `id long (never NULL), region string`. */
export function fieldWords(fields: readonly Field[]): string {
  const words = fields.map(
    ({ name, type, nullable }) => `${name} ${typeText(type)}${nullable ? '' : ' (never NULL)'}`,
  );
  return `${words.join(', ')}.`;
}

function readersOf(plan: Plan, streams: readonly string[]): readonly string[] {
  const consumers = streams.flatMap((stream) => plan.consumers.get(stream) ?? []);
  const stages = consumers.flatMap((one) =>
    one.kind === 'stage' ? [plan.stages[one.index].name] : [],
  );
  const exits = consumers.flatMap((one) =>
    one.kind === 'exit' ? [`exit ${plan.exits[one.index].name}`] : [],
  );
  const readers = [...new Set([...stages, ...exits])];
  return [readers.length === 0 ? 'Nothing reads it.' : `Read by ${listed(readers)}.`];
}

/** Exits that records of these streams can reach, by name. */
function exitsBehind(plan: Plan, streams: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open = [...streams];
  for (let stream = open.pop(); stream !== undefined; stream = open.pop()) {
    if (seen.has(stream)) continue;
    seen.add(stream);
    for (const consumer of plan.consumers.get(stream) ?? []) {
      if (consumer.kind === 'exit') found.add(plan.exits[consumer.index].name);
      else open.push(...plan.stages[consumer.index].streams);
    }
  }
  return [...found].sort();
}

function exitAloud(exit: ExitPlan, topology: Topology): ReadAloud {
  const declared = topology.exits.get(exit.name);
  const where = declared?.broker == null ? '' : ` of broker ${declared.broker}`;
  const whom =
    exit.for.length === 0 ? 'whoever attaches' : `${listed(exit.for)}, which may come much later`;
  return {
    kind: 'exit',
    name: exit.name,
    title: 'exit',
    paragraphs: paragraphs([
      ['reads', [`Reads ${exit.from}.`]],
      [
        'gives',
        [
          `Every record is a message (${exit.format})${marked(exit)} at the AMQP address ${exit.address}${where}, for ${whom}.`,
          fieldWords(
            exit.fields.map(({ name, expression: { type, nullable } }) => ({
              name,
              type,
              nullable,
            })),
          ),
        ],
      ],
      [
        'keeps',
        [
          'A message waits on disk, with a number of its own, until a vehicle accepts it.',
          ...(declared === undefined ? [] : keepWords(declared)),
          `No more than ${exit.maxUnsettled} are on their way to one receiver at a time.`,
        ],
      ],
      ['waits', stopWords(topology, [exit.name])],
    ]),
  };
}

/** What a message carries beside its body. */
function marked({ subject, properties }: ExitPlan): string {
  const parts = [
    ...(subject === null ? [] : [`the subject ${subject.text}`]),
    ...(properties.length === 0
      ? []
      : [`the properties ${listed(properties.map(({ name }) => name))}`]),
  ];
  return parts.length === 0 ? '' : ` with ${listed(parts)}`;
}

/** Who has to wait when these exits can take no more. */
function stopWords(topology: Topology, exits: readonly string[]): readonly string[] {
  if (exits.length === 0) return [];
  const feeding = [...topology.vehicles.values()]
    .filter(({ lanes }) => lanes.length > 0)
    .map(({ name }) => name);
  return [
    `What nobody takes from ${listed(exits)} waits on disk.`,
    ...exits.flatMap((name) => {
      const exit = topology.exits.get(name);
      return exit === undefined ? [] : [fullWords(topology, exit)];
    }),
    `When the disk runs low no lane is read, and ${listed(feeding)} ${feeding.length === 1 ? 'waits' : 'wait'}.`,
  ];
}
