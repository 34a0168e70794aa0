/**
 * How secrets look: by the name they are given, and by forms of their own that issuers chose so that they
 * can be found. Guesses by chance of letters are left out: they cry wolf.
 */

/** Ends of names of variables whose value is the secret itself, not where it is. */
const SECRET_NAME = /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY)$/i;

const FORMS: readonly (readonly [what: string, form: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b/],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}\b/],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/],
  ['a password in an address', /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i],
];

/** Whether a variable of this name holds a secret. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** What kind of secret a text is by its form; undefined: none that is known. */
export function secretIn(text: string): string | undefined {
  return FORMS.find(([, form]) => form.test(text))?.[0];
}

/** It stands for a value that is elsewhere, though a default may stand here. */
export function isReference(text: string): boolean {
  return text.startsWith('$' + '{');
}

/** It stands for a value that is elsewhere, and nothing of it is here. */
export function isBareReference(text: string): boolean {
  return /^\$\{(?:env:\w+|file:[^}]+)\}$/.test(text);
}
