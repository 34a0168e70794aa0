/** What a rule may be made to weigh: the one list, for the file, the command line and the editor. */
export const LEVELS = ['ignore', 'info', 'warning', 'error'] as const;
export type Level = (typeof LEVELS)[number];
