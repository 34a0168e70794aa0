/** The rules there are. One is added by its file and one line here. */
import { badAddress } from './bad-address.ts';
import { badName } from './bad-name.ts';
import { badQuantity } from './bad-quantity.ts';
import { conflictingFields } from './conflicting-fields.ts';
import { cycle } from './cycle.ts';
import { danglingReference } from './dangling-reference.ts';
import { duplicateAddress } from './duplicate-address.ts';
import { duplicateKey } from './duplicate-key.ts';
import { duplicateName } from './duplicate-name.ts';
import { emptyFile } from './empty-file.ts';
import { exitWithoutVehicle } from './exit-without-vehicle.ts';
import { expressionLimit } from './expression-limit.ts';
import { expressionSyntax } from './expression-syntax.ts';
import { idleVehicle } from './idle-vehicle.ts';
import { latenessExceedsWindow } from './lateness-exceeds-window.ts';
import { literalRange } from './literal-range.ts';
import { missingField } from './missing-field.ts';
import { notAllowedHere } from './not-allowed-here.ts';
import { notConstant } from './not-constant.ts';
import { notYetSupported } from './not-yet-supported.ts';
import { openListener } from './open-listener.ts';
import { patternNotSupported } from './pattern-not-supported.ts';
import { portConflict } from './port-conflict.ts';
import type { Rule } from './rule.ts';
import { typeMismatch } from './type-mismatch.ts';
import { unboundedState } from './unbounded-state.ts';
import { unknownColumn } from './unknown-column.ts';
import { unknownField } from './unknown-field.ts';
import { unknownFunction } from './unknown-function.ts';
import { unsupportedYaml } from './unsupported-yaml.ts';
import { unusedElement } from './unused-element.ts';
import { valueNotAllowed } from './value-not-allowed.ts';
import { windowByArrival } from './window-by-arrival.ts';
import { windowShape } from './window-shape.ts';
import { wrongArity } from './wrong-arity.ts';
import { wrongType } from './wrong-type.ts';
import { yamlSyntax } from './yaml-syntax.ts';

export const rules: readonly Rule[] = [
  badAddress,
  badName,
  badQuantity,
  conflictingFields,
  cycle,
  danglingReference,
  duplicateAddress,
  duplicateKey,
  duplicateName,
  emptyFile,
  exitWithoutVehicle,
  expressionLimit,
  expressionSyntax,
  idleVehicle,
  latenessExceedsWindow,
  literalRange,
  missingField,
  notAllowedHere,
  notConstant,
  notYetSupported,
  openListener,
  patternNotSupported,
  portConflict,
  typeMismatch,
  unboundedState,
  unknownColumn,
  unknownField,
  unknownFunction,
  unsupportedYaml,
  unusedElement,
  valueNotAllowed,
  windowByArrival,
  windowShape,
  wrongArity,
  wrongType,
  yamlSyntax,
];
