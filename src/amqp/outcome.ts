/**
 * What a receiver says became of a delivery (AMQP 1.0, 3.4). The guard has checked the shapes; texts are
 * cut here, since they go into the log and the dead letter.
 */
import type { DeliveryState } from './rhea-shape.ts';

export type Outcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'released' }
  | {
      readonly kind: 'modified';
      /** The delivery counts as a failure. */
      readonly failed: boolean;
      /** This receiver can never take it. */
      readonly elsewhere: boolean;
    }
  | { readonly kind: 'rejected'; readonly condition: string; readonly description: string };

const ACCEPTED: Outcome = { kind: 'accepted' };
const RELEASED: Outcome = { kind: 'released' };

/** A symbol that names an error has some dozen bytes. */
const CONDITION_MAX = 128;
/** A stack trace is for the receiver's own log. */
const DESCRIPTION_MAX = 1024;

/**
 * @param settled the receiver has forgotten the delivery; without an outcome that says no more than released
 * @returns undefined: only how far the peer has read
 */
export function outcomeOf(
  state: DeliveryState | null | undefined,
  settled: boolean,
): Outcome | undefined {
  switch (state?.descriptor?.value) {
    case 0x24:
      return ACCEPTED;
    case 0x25:
      return rejected(fieldOf(state.value, 0));
    case 0x26:
      return RELEASED;
    case 0x27:
      return {
        kind: 'modified',
        failed: fieldOf(state.value, 0) === true,
        elsewhere: fieldOf(state.value, 1) === true,
      };
    default:
      return settled ? RELEASED : undefined;
  }
}

function rejected(error: unknown): Outcome {
  return {
    kind: 'rejected',
    condition: textOf(fieldOf(error, 0), CONDITION_MAX),
    description: textOf(fieldOf(error, 1), DESCRIPTION_MAX),
  };
}

/** The value of a field of a composite; undefined: it is absent or null. */
function fieldOf(list: unknown, index: number): unknown {
  if (!Array.isArray(list)) return undefined;
  const field: unknown = list[index];
  return typeof field === 'object' && field !== null && 'value' in field ? field.value : field;
}

/** At most so many characters, none of them half. */
function textOf(value: unknown, most: number): string {
  return typeof value === 'string' ? [...value.slice(0, 2 * most)].slice(0, most).join('') : '';
}
