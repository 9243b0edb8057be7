const { TestEnvironment } = require('jest-environment-node');

/** Jest's environment for Node, with Node's own import() for packages that are ESM only (see transform.js). */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.importByNode = (name) => import(name);
  }
};
