const { AsyncLocalStorage } = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

/** What the test file of the moment has used, of its own copies of our modules and of packages. */
const storages = new Set();

for (const name of ['run', 'enterWith']) {
  const ordinary = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...args) {
    storages.add(this);
    return ordinary.apply(this, args);
  };
}

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

  /**
   * Node (before 24) hands every storage that was ever used on with every promise, for as long as the process lives. Those of files that are done
   * would add up until the tests spend most of their time at that.
   */
  async teardown() {
    for (const storage of storages) storage.disable();
    storages.clear();
    await super.teardown();
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
