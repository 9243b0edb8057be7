const shared = require('../../jest.config.js');

/** Tests that kill processes and servers of their own. One at a time: each of them wants the machine for itself. */
module.exports = {
  ...shared,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/chaos/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 180_000,
};
