/** All functions, by lower-case name, and those of the language that cannot run yet. */
import type { FunctionDefinition } from './function.ts';
import { dataFunctions } from './functions-data.ts';
import { numberFunctions } from './functions-number.ts';
import { textFunctions } from './functions-text.ts';

export const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  [...dataFunctions, ...numberFunctions, ...textFunctions].map((entry) => [entry.name, entry]),
);

/** Names that are reserved for later: using one is `not-yet-supported`, not `unknown-function`. */
export const laterFunctions: ReadonlySet<string> = new Set(
  (
    'ifnull nvl nvl2 isnull isnotnull isnan nanvl greatest least sign bround sqrt exp ln log10 log2 power pmod ' +
    'octet_length initcap ltrim rtrim concat_ws left right replace translate instr locate lpad rpad reverse ' +
    'regexp_like regexp_extract regexp_replace md5 sha2 base64 unbase64 year month day minute second dayofweek ' +
    'date_format try_to_timestamp unix_seconds unix_millis unix_micros timestamp_seconds timestamp_millis ' +
    'timestamp_micros array struct named_struct map_keys map_values try_element_at array_contains ' +
    'array_position array_distinct sort_array array_join slice flatten transform exists get_json_object ' +
    'to_json from_json crc32 xxhash64'
  ).split(' '),
);

export const laterAggregates: ReadonlySet<string> = new Set(
  (
    'bool_and bool_or min_by max_by first last collect_list collect_set stddev_samp stddev_pop var_samp ' +
    'var_pop percentile'
  ).split(' '),
);
