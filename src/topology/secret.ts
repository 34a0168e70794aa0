/**
 * A value that is never shown. The model has how it was written (`${env:BILLER_SECRET}`), which is what facts,
 * plans and the log carry; the value itself is kept aside, out of reach of anything that prints or stores.
 * A topology that was read back from the log has no values: whoever needs one takes it from the file.
 */
export interface Secret {
  /** As the file has it. */
  readonly reference: string;
}

const values = new WeakMap<Secret, string>();

/** @param value undefined: it was not resolved, because the file was only checked */
export function keepSecret(reference: string, value: string | undefined): Secret {
  const secret = Object.freeze({ reference });
  if (value !== undefined) values.set(secret, value);
  return secret;
}

/** @returns undefined when it was never resolved in this process */
export function reveal(secret: Secret): string | undefined {
  return values.get(secret);
}
