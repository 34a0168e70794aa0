/** The vehicles that come with the roundabout, by the word in `uses`. None of them can run yet. */
export const builtInVehicles: readonly string[] = ['file', 'http', 'postgres', 'webhdfs', 'hbase'];
