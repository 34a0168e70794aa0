import { inFile } from './example.ts';
import type { Rule } from './rule.ts';

const comment = '# roundabout-disable-next-line yaml-1-1-trap: read by this program only\n';

export const staleSuppression: Rule = {
  slug: 'stale-suppression',
  severity: 'warning',
  explain:
    'The comment silences a rule that has nothing to say there, or gives no reason. It would hide the next finding, which nobody has looked at.',
  wrong: inFile(`${comment}description: orders\n`),
  right: inFile(`${comment}description: yes\n`),
};
