/** A runner's status as lines for a person: at start, for `status`, and the account at the end. */
import { count } from '../diagnostics/words.ts';
import type { OperatorAccount } from '../engine/account.ts';
import type { ExitStatus, LaneStatus, Status, VehicleStatus } from '../runner/status.ts';
import { gapsIn } from '../runner/status.ts';
import { formatSize } from '../stream/size.ts';
import { formatInstant, MICROS_PER_SECOND } from '../stream/time.ts';

/** The longest label is `vehicles`. */
const LABEL_WIDTH = 10;

/** Rows of cells to lines, columns padded to their widest cell; the label stands on the first line only. */
function table(label: string, rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows.map((row, i) => {
    const cells = row.map((cell, j) => cell.padEnd(widths[j]));
    return `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${cells.join('  ').trimEnd()}`;
  });
}

function laneRow(lane: LaneStatus): string[] {
  return [lane.name, lane.direction, lane.address, lane.note];
}

function exitRow(exit: ExitStatus): string[] {
  const meant = exit.for.length > 0 ? `for ${exit.for.join(', ')}` : '';
  const receivers =
    exit.receivers === 0
      ? 'nobody attached'
      : exit.receivers === 1
        ? '1 receiver'
        : `${exit.receivers} receivers`;
  const held = `${count(exit.held)} held${exit.full ? ', full' : ''}`;
  const gone = exit.former ? 'gone from the file, served until it is empty' : '';
  return [exit.name, meant, held, receivers, gone];
}

/** The lines of `run` before `ready`. `mark` is the sign of success. */
export function startLines(status: Status, mark: string): string {
  const { name, file, revision, stateDir, durability } = status;
  const lines = [
    `roundabout ${status.roundabout}   ${file}   revision ${revision}   ` +
      (durability === 'disk' ? `state ${stateDir}   durability disk` : 'durability memory'),
    ...table('lanes', status.lanes.map(laneRow)),
    ...table(
      'ring',
      status.account.operators.map((operator) => [`${operator.name} (${operator.type})`]),
    ),
    ...table('exits', status.exits.map(exitRow)),
    ...table('amqp', [[status.amqp]]),
    ...table('log', [
      [
        durability === 'disk'
          ? `${formatSize(status.log.bytes)}; it grows until the disk is full: that is the only bound yet`
          : 'in memory: everything is gone when this process ends',
      ],
    ]),
  ];
  const { recovered } = status;
  if (recovered.resumed) {
    lines.push(
      `  ${mark} replayed ${count(recovered.records)} records in ${recovered.seconds.toFixed(1)} s; ` +
        `${name} picks up where the last run stopped`,
    );
  }
  if (recovered.tornBytes > 0) {
    lines.push(
      `  ! an unfinished write of ${formatSize(recovered.tornBytes)} at the end of the log was dropped; ` +
        'nothing of it had been acknowledged or delivered',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** What `status` prints. */
export function statusLines(status: Status): string {
  const lines = [
    `${status.name}   revision ${status.revision}   up ${duration(status.upSeconds)}   pid ${status.pid}`,
    ...table(
      'lanes',
      status.lanes.map((lane) => {
        const sums = status.account.lanes.find((other) => other.name === lane.name);
        return [
          ...laneRow(lane).slice(0, 3),
          `${lane.connections} connected`,
          `${count(sums?.records ?? 0)} records`,
          `${count(sums?.bad ?? 0)} bad`,
          `${count(sums?.late ?? 0)} late`,
          lane.watermark === null ? '' : `time ${formatInstant(lane.watermark)}`,
          lane.note,
        ];
      }),
    ),
    ...table(
      'ring',
      status.account.operators.map((operator) => [
        `${operator.name} (${operator.type})`,
        `${count(operator.received)} in`,
        `${count(operator.gave)} out`,
        keptBy(operator, ''),
      ]),
    ),
    ...table(
      'exits',
      status.exits.map((exit) => [
        ...exitRow(exit),
        `${count(exit.delivered)} delivered`,
        gone(exit)
          .map(([word, value]) => `${count(value)} ${word}`)
          .join(', '),
        exit.unsettled > 0 ? `${count(exit.unsettled)} unsettled` : '',
        exit.heldBytes > 0 ? formatSize(exit.heldBytes) : '',
      ]),
    ),
    ...table(
      'vehicles',
      status.vehicles.map((vehicle) => [
        vehicle.name,
        vehicle.state,
        vehicle.run > 0 ? `run ${vehicle.run}` : '',
        vehicle.exit === null ? '' : lastEnd(vehicle),
        vehicle.failures > 1 ? `${vehicle.failures} failures in a row` : '',
        vehicle.nextAt === null ? '' : `next ${formatInstant(vehicle.nextAt)}`,
      ]),
    ),
    ...table('amqp', [[status.amqp]]),
    ...table('log', [
      [
        formatSize(status.log.bytes),
        `grows ${formatSize(Math.round(status.log.bytesPerSecond))}/s`,
      ],
    ]),
  ];
  for (const reason of status.pressure) lines.push(`  ! lanes are not read: ${reason}`);
  return `${lines.join('\n')}\n`;
}

/** `exit code 3 at 2026-01-01T02:15:09Z` */
function lastEnd({ exit, endedAt }: VehicleStatus): string {
  const second = Math.floor((endedAt ?? 0) / MICROS_PER_SECOND) * MICROS_PER_SECOND;
  return endedAt === null ? `${exit}` : `${exit} at ${formatInstant(second)}`;
}

/** The closing account: where every line and record of the state directory is. */
export function accountLines(status: Status, mark: string): string {
  const { account } = status;
  const lines = [
    `closing account of ${status.file}, revision ${status.revision}, ${duration(status.upSeconds)}`,
    ...table(
      'lanes',
      account.lanes.map((lane) => {
        const terms = [`records ${count(lane.records)}`];
        for (const [word, value] of [
          ['bad', lane.bad],
          ['torn', lane.torn],
          ['empty', lane.empty],
        ] as const) {
          if (value > 0) terms.push(`${word} ${count(value)}`);
        }
        return [lane.name, `lines ${count(lane.lines)}`, `= ${terms.join(' + ')}`];
      }),
    ),
    ...table(
      'ring',
      account.operators.map((operator) => {
        const terms = [`taken ${count(operator.taken)}`];
        if (operator.filtered > 0) terms.push(`filtered ${count(operator.filtered)}`);
        if (operator.dead > 0) terms.push(`dead ${count(operator.dead)}`);
        if (operator.late > 0) terms.push(`late ${count(operator.late)}`);
        return [
          operator.name,
          `in ${count(operator.received)}`,
          `= ${terms.join(' + ')}`,
          `gave ${count(operator.gave)}`,
          keptBy(operator, 'still '),
        ];
      }),
    ),
    ...table(
      'exits',
      status.exits.map((exit) => {
        const { name, delivered, held } = exit;
        const terms: readonly (readonly [string, number])[] = [
          ['delivered', delivered],
          ...gone(exit),
          ['held', held],
        ];
        const sum = terms.reduce((all, [, value]) => all + value, 0);
        const words = terms.map(([word, value]) => `${word} ${count(value)}`);
        return [name, `numbered ${count(sum)}`, `= ${words.join(' + ')}`];
      }),
    ),
  ];
  const gaps = gapsIn(status);
  if (gaps.length === 0) lines.push(`adds up ${mark}   next start resumes here`);
  else lines.push('does NOT add up:', ...gaps.map((gap) => `  ${gap}`));
  return `${lines.join('\n')}\n`;
}

/** How messages have left a hold that nobody has taken, as far as any have. */
function gone({ expired, dropped, superseded, moved }: ExitStatus): (readonly [string, number])[] {
  const ways: (readonly [string, number])[] = [
    ['expired', expired],
    ['dropped', dropped],
    ['superseded', superseded],
    ['moved', moved],
  ];
  return ways.filter(([, value]) => value > 0);
}

/** What an operator has not let go of yet, in words. */
function keptBy(operator: OperatorAccount, still: string): string {
  const { openWindows, openGroups, openRows, tableRows } = operator;
  if (openWindows > 0) return `${count(openGroups)} groups ${still}open`;
  if (tableRows > 0) return `${count(tableRows)} rows in its table`;
  return openRows > 0 ? `${count(openRows)} records ${still}kept` : '';
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
