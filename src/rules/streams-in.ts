/** The names that may stand where a stream is named, as the file says them. */
import { isMapping, type Value } from '../topology/value.ts';
import { lanesIn } from './lanes-in.ts';

/** Fields that name a further stream of an element, or several by the input they belong to. */
export const FURTHER_STREAMS = ['late_to', 'unmatched_to'];

/** Lanes and operators, also those that could not be read, and the further streams of both; all that can be read. */
export function streamsIn(data: Value): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (name: string, element: Value): void => {
    names.add(name);
    if (!isMapping(element)) return;
    for (const field of FURTHER_STREAMS) {
      const further = element.get(field);
      const all = isMapping(further) ? [...further.values()] : [further];
      for (const one of all) if (typeof one === 'string') names.add(one);
    }
    const routes = element.get('routes');
    if (element.get('type') !== 'route') return;
    // Every record takes a route, so nothing is left under the bare name.
    names.delete(name);
    const named = isMapping(routes) ? [...routes.keys()] : [];
    for (const route of [...named, 'rest']) names.add(`${name}.${route}`);
  };
  for (const { name, lane } of lanesIn(data)) add(name, lane);
  const operators = isMapping(data) ? data.get('operators') : undefined;
  if (isMapping(operators)) for (const [name, element] of operators) add(name, element);
  return names;
}
