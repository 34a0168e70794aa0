/** Tests as they are, compiled one by one; results for a CI server only where there is one. */
import { availableParallelism } from 'node:os';

export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Three on two cores: many tests wait for sockets and clocks.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  testTimeout: 60_000,
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
      },
    ],
  },
  reporters: process.env.CI
    ? ['default', ['jest-junit', { outputDirectory: 'coverage' }]]
    : ['default'],
};
