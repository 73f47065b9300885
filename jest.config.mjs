// @ts-check

const typescript = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, useDefineForClassFields: false },
      },
      module: { type: 'es6' },
    },
  ],
}

const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: typescript,
  testEnvironment: 'node',
  testPathIgnorePatterns: ['/dist/', '/node_modules/'],
}

/** @type {import('jest').Config} */
export default {
  // Generous, so that a test on a busy machine is slow instead of failing.
  testTimeout: 240_000,
  // One worker per core: most tests wait for sockets, processes and Postgres, and CI machines may have only two cores.
  maxWorkers: '100%',
  projects: [
    {
      ...shared,
      displayName: 'server',
      roots: ['<rootDir>/server'],
      globalSetup: '<rootDir>/server/test/support/processes/set-up.ts',
      globalTeardown: '<rootDir>/server/test/support/processes/tear-down.ts',
    },
    {
      ...shared,
      displayName: 'client',
      roots: ['<rootDir>/client'],
    },
    {
      ...shared,
      displayName: 'tree',
      roots: ['<rootDir>/test'],
    },
  ],
}
