/** All rules, by slug. A rule is added by its file and one line here. */
import { ambiguousColumn } from './ambiguous-column.ts';
import { anonymousAccess } from './anonymous-access.ts';
import { badAddress } from './bad-address.ts';
import { badCron } from './bad-cron.ts';
import { badInterpolation } from './bad-interpolation.ts';
import { badName } from './bad-name.ts';
import { badQuantity } from './bad-quantity.ts';
import { badTable } from './bad-table.ts';
import { blockedNeighbour } from './blocked-neighbour.ts';
import { conflictingFields } from './conflicting-fields.ts';
import { constantCondition } from './constant-condition.ts';
import { cronClockChange } from './cron-clock-change.ts';
import { cronNeverFires } from './cron-never-fires.ts';
import { cycle } from './cycle.ts';
import { danglingReference } from './dangling-reference.ts';
import { documentTooLarge } from './document-too-large.ts';
import { duplicateAddress } from './duplicate-address.ts';
import { duplicateKey } from './duplicate-key.ts';
import { duplicateName } from './duplicate-name.ts';
import { emptyFile } from './empty-file.ts';
import { envUndefined } from './env-undefined.ts';
import { exitWithoutVehicle } from './exit-without-vehicle.ts';
import { expressionLimit } from './expression-limit.ts';
import { expressionSyntax } from './expression-syntax.ts';
import { formatNeedsOneField } from './format-needs-one-field.ts';
import { holdWithoutLimit } from './hold-without-limit.ts';
import { idleLaneStalls } from './idle-lane-stalls.ts';
import { idleVehicle } from './idle-vehicle.ts';
import { joinKeyType } from './join-key-type.ts';
import { latenessExceedsWindow } from './lateness-exceeds-window.ts';
import { latestWithBatch } from './latest-with-batch.ts';
import { literalRange } from './literal-range.ts';
import { missingField } from './missing-field.ts';
import { missingFile } from './missing-file.ts';
import { mixedTimeUnits } from './mixed-time-units.ts';
import { needsFinalInput } from './needs-final-input.ts';
import { needsQuotes } from './needs-quotes.ts';
import { needsWatermark } from './needs-watermark.ts';
import { neverLate } from './never-late.ts';
import { noTests } from './no-tests.ts';
import { notAllowedHere } from './not-allowed-here.ts';
import { notConstant } from './not-constant.ts';
import { notText } from './not-text.ts';
import { notYetSupported } from './not-yet-supported.ts';
import { oddPort } from './odd-port.ts';
import { openListener } from './open-listener.ts';
import { patternNotSupported } from './pattern-not-supported.ts';
import { portConflict } from './port-conflict.ts';
import { restartWithoutBackoff } from './restart-without-backoff.ts';
import { retryMayDuplicate } from './retry-may-duplicate.ts';
import type { Rule } from './rule.ts';
import { runClosesWindowEarly } from './run-closes-window-early.ts';
import { scheduleHoldsTime } from './schedule-holds-time.ts';
import { secretInArguments } from './secret-in-arguments.ts';
import { secretInText } from './secret-in-text.ts';
import { selfJoinWithoutNames } from './self-join-without-names.ts';
import { shellString } from './shell-string.ts';
import { staleSuppression } from './stale-suppression.ts';
import { strayWhitespace } from './stray-whitespace.ts';
import { testExpectsNothing } from './test-expects-nothing.ts';
import { testUnknownName } from './test-unknown-name.ts';
import { typeMismatch } from './type-mismatch.ts';
import { unboundedState } from './unbounded-state.ts';
import { uncappedGroups } from './uncapped-groups.ts';
import { unknownColumn } from './unknown-column.ts';
import { unknownField } from './unknown-field.ts';
import { unknownFunction } from './unknown-function.ts';
import { unknownVehicleKind } from './unknown-vehicle-kind.ts';
import { unsupportedVersion } from './unsupported-version.ts';
import { unsupportedYaml } from './unsupported-yaml.ts';
import { unusedElement } from './unused-element.ts';
import { valueNotAllowed } from './value-not-allowed.ts';
import { windowByArrival } from './window-by-arrival.ts';
import { windowShape } from './window-shape.ts';
import { wrongArity } from './wrong-arity.ts';
import { wrongType } from './wrong-type.ts';
import { yaml11Trap } from './yaml-1-1-trap.ts';
import { yamlSyntax } from './yaml-syntax.ts';

export const rules: readonly Rule[] = [
  ambiguousColumn,
  anonymousAccess,
  badAddress,
  badCron,
  badInterpolation,
  badName,
  badQuantity,
  badTable,
  blockedNeighbour,
  conflictingFields,
  constantCondition,
  cronClockChange,
  cronNeverFires,
  cycle,
  danglingReference,
  documentTooLarge,
  duplicateAddress,
  duplicateKey,
  duplicateName,
  emptyFile,
  envUndefined,
  exitWithoutVehicle,
  expressionLimit,
  expressionSyntax,
  formatNeedsOneField,
  holdWithoutLimit,
  idleLaneStalls,
  idleVehicle,
  joinKeyType,
  latenessExceedsWindow,
  latestWithBatch,
  literalRange,
  missingField,
  missingFile,
  mixedTimeUnits,
  needsFinalInput,
  needsQuotes,
  needsWatermark,
  neverLate,
  noTests,
  notAllowedHere,
  notConstant,
  notText,
  notYetSupported,
  oddPort,
  openListener,
  patternNotSupported,
  portConflict,
  restartWithoutBackoff,
  retryMayDuplicate,
  runClosesWindowEarly,
  scheduleHoldsTime,
  secretInArguments,
  secretInText,
  selfJoinWithoutNames,
  shellString,
  staleSuppression,
  strayWhitespace,
  testExpectsNothing,
  testUnknownName,
  typeMismatch,
  unboundedState,
  uncappedGroups,
  unknownColumn,
  unknownField,
  unknownFunction,
  unknownVehicleKind,
  unsupportedVersion,
  unsupportedYaml,
  unusedElement,
  valueNotAllowed,
  windowByArrival,
  windowShape,
  wrongArity,
  wrongType,
  yaml11Trap,
  yamlSyntax,
];
