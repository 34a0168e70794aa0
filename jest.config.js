/** Two workers on two cores; results for a CI server only where there is one. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  maxWorkers: '100%',
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
