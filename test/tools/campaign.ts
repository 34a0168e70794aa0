/** How much of the random campaigns is run: `.ci/run` asks for the whole, `npm test` is to be quick. */

const isWhole = process.env['ROUNDABOUT_CAMPAIGN'] === 'whole';

/** Of a count of runs, or of what at least so many runs come upon: all, or a sixth. */
export function share(count: number): number {
  return isWhole ? count : Math.ceil(count / 6);
}
