/** A program beside ours, volatile and durable, in turns, and how many records each takes a second. */
import { median, print } from './report.js';
import { here, product, subject } from './subject.js';

/**
 * @param {string} name of the bench
 * @param {{
 *   naive: string, ready: RegExp, topology: (durability: string) => string, lanes: string[],
 *   work: object, records: number, rounds: number, noun?: string, about?: object,
 * }} options `naive`: a file beside this one that prints `ready` with its ports; `noun`: what is counted
 */
export async function compare(name, options) {
  const { naive, ready, topology, lanes, work, records, rounds, noun = 'records', about } = options;
  const subjects = { naive: [], volatile: [], durable: [] };
  for (let round = 0; round < rounds; round++) {
    subjects.naive.push(await subject([here(naive)], ready, work));
    subjects.volatile.push(await product(topology('memory'), lanes, work));
    subjects.durable.push(await product(topology('disk'), lanes, work));
  }
  const perCpu = (who) => median(subjects[who].map(({ cpu }) => records / cpu));
  const perWall = (who) => median(subjects[who].map(({ wall }) => records / wall));
  const rows = Object.keys(subjects).map((who) => ({
    subject: who,
    [`${noun}_per_cpu_second`]: Math.round(perCpu(who)),
    [`${noun}_per_second`]: Math.round(perWall(who)),
    ratio_to_naive: Number((perCpu(who) / perCpu('naive')).toFixed(2)),
  }));
  print(name, rows, { records, rounds, ...about });
}
