/**
 * What of rhea's objects this folder touches, as narrow as it goes: rhea 3.0.5 has no types for its
 * insides. `checkProtocolLibrary` proves at start that they look like this.
 */

/** An error as it goes to a peer. */
export interface Condition {
  readonly condition: string;
  readonly description: string;
}

/** The part of a rhea session that sends. */
export interface Outgoing {
  deliveries: unknown;
  next_delivery_id: number;
  next_pending_delivery: number;
  next_transfer_id: number;
  window: number;
  update(delivery: object, settled: boolean, state: unknown): void;
  transfer_window(): number;
  on_disposition(fields: Disposition): void;
}

/** A disposition as rhea reads it. An outcome has a descriptor, an absent one may be a null without. */
export interface Disposition {
  readonly first: number;
  readonly last: number | null | undefined;
  readonly settled: unknown;
  readonly state: DeliveryState | null | undefined;
}

/** A state as rhea reads it: a list of its fields, each a value with its type, or a null of none. */
export interface DeliveryState {
  readonly descriptor?: { readonly value: unknown };
  readonly value?: unknown;
}

/** rhea's sender. */
export interface RheaSender {
  name: string;
  credit: number;
  delivery_count: number;
  issue_flow: boolean;
  _draining: boolean;
  _get_drain(): boolean;
  readonly session: RheaSession;
  readonly local: {
    readonly attach: { rcv_settle_mode: number; unsettled: object };
    readonly handle: number;
  };
  readonly remote: {
    handle: number | undefined;
    readonly attach: {
      readonly handle: number;
      readonly rcv_settle_mode: number | null | undefined;
      readonly unsettled: object | null | undefined;
      readonly source: RheaSource | null | undefined;
      readonly target: { readonly address: unknown } | null | undefined;
    };
    readonly detach: { readonly closed: boolean | null | undefined } | undefined;
  };
  set_source(fields: object): void;
  set_target(fields: object): void;
  is_open(): boolean;
  detach(): void;
  close(error?: Condition): void;
}

interface RheaSource {
  readonly address: unknown;
  readonly dynamic: unknown;
  readonly distribution_mode: unknown;
}

/** rhea's session. */
export interface RheaSession {
  readonly outgoing: Outgoing;
  readonly links: Record<string, { name: string }>;
  readonly local: { readonly channel: number; readonly begin: { handle_max: number } };
  readonly connection: { _register(): void };
  _write_flow(link?: RheaSender): void;
  end(error?: Condition): void;
}
