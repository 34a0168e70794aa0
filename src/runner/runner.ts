/**
 * The composition root: opens state, shard, exits, lanes and vehicles in an order in which each finds
 * what it needs, and stops them in one in which nothing is lost. It computes nothing.
 */
