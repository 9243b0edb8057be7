/** Tests run on the TypeScript sources; types are checked by `npm run check`. */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Minutes long, and harsh to the machine: `npm run test:chaos`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/chaos/'],
  testEnvironment: '<rootDir>/test/setup/environment.js',
  transform: { '^.+\\.tsx?$': '<rootDir>/test/setup/transform.js' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.countersign/'],
  globalSetup: '<rootDir>/test/setup/global-setup.ts',
  globalTeardown: '<rootDir>/test/setup/global-teardown.ts',
  // As many as the least of cores. With a third, a slow machine starts processes later than tests wait for them.
  maxWorkers: 2,
  testTimeout: 60_000,
};
