/** The lanes and tables of a file as they were written, for rules about what they say and do not say. */
import type { Path } from '../diagnostics/report.ts';
import { elements } from '../topology/read-value.ts';
import { entry, isMapping, type Mapping, type Value } from '../topology/value.ts';

export interface WrittenLane {
  readonly name: string;
  readonly vehicle: string;
  readonly lane: Mapping;
  /** The vehicle's own fields. */
  readonly owner: Mapping;
}

/** In order of vehicle, then lane; two of one name are both there. */
export function lanesIn(data: Value): readonly WrittenLane[] {
  return elements(entry(data, 'vehicles')).flatMap(([vehicle, owner]) =>
    elements(owner.get('lanes')).map(([name, lane]) => ({ name, vehicle, lane, owner })),
  );
}

export function pathOf(vehicle: string, lane: string): Path {
  return ['vehicles', vehicle, 'lanes', lane];
}

/** The tables of operators, in order of operator. */
export function tablesIn(data: Value): readonly { readonly path: Path; readonly table: Mapping }[] {
  return elements(entry(data, 'operators')).flatMap(([name, operator]) => {
    const table = operator.get('table');
    return isMapping(table) ? [{ path: ['operators', name, 'table'], table }] : [];
  });
}
