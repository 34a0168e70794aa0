/** The folders a flow can be started from: each is put together from folders of `templates/`, later ones on top. */

export interface Template {
  readonly name: string;
  readonly summary: string;
  readonly folders: readonly string[];
}

export const TEMPLATES: readonly Template[] = [
  {
    name: 'quickstart',
    summary: 'a lane, a count a minute, an exit',
    folders: ['feeder', 'quickstart'],
  },
  {
    name: 'word-count',
    summary: 'lines of text to counted words, by the clock',
    folders: ['feeder', 'word-count'],
  },
  {
    name: 'join-two-lanes',
    summary: 'two lanes, pairs within ten minutes, and what found no partner',
    folders: ['feeder', 'join-two-lanes'],
  },
  {
    name: 'window-aggregate',
    summary: 'windows by the time in the records, with late ones kept',
    folders: ['feeder', 'window-aggregate'],
  },
  {
    name: 'vehicle-node',
    summary: 'a vehicle of your own in Node',
    folders: ['vehicle-node'],
  },
  {
    name: 'vehicle-python',
    summary: 'a vehicle of your own in Python',
    folders: ['vehicle-python'],
  },
];
