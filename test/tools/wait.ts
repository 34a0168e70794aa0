/** Waits for a condition, looking once per turn of the loop; the test's own time-out ends it. */
export async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 1));
}
