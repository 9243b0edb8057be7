const { TestEnvironment } = require('jest-environment-node');

/** Jest's environment for Node, with two differences between its sandbox and the real thing taken away. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    // Packages that are ESM only are imported by Node itself (see transform.js).
    this.global.importByNode = (name) => import(name);
    // Node's own errors (from fs, fetch, net) are made outside the sandbox; they are instances of Error all the same.
    for (const name of ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError']) {
      letInstancesIn(this.global[name], globalThis[name]);
    }
  }
};

function letInstancesIn(inner, outer) {
  const ordinary = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(inner, Symbol.hasInstance, {
    // Subclasses inherit this, and mean themselves.
    value(error) {
      return ordinary.call(this, error) || (this === inner && ordinary.call(outer, error));
    },
  });
}
