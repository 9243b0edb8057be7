const { createTransformer } = require('@swc/jest');

const swc = createTransformer({
  jsc: {
    parser: { syntax: 'typescript', tsx: true },
    target: 'es2023',
    transform: { react: { runtime: 'automatic', importSource: 'hono/jsx' } },
  },
  module: { type: 'commonjs', ignoreDynamic: true },
  sourceMaps: 'inline',
});

/**
 * `import()` of an ESM-only package stays a real import(), as in the build. Jest's own sandbox has none without an experimental flag, so it is
 * Node's, from outside the sandbox (environment.js).
 */
const toNode = ({ code, ...rest }) => ({
  ...rest,
  code: code
    .replace(/\bimport\((?=['"][a-z@])/g, 'importByNode(')
    // A file of ours is loaded in the sandbox, as any other.
    .replace(/\bimport\((['"]\.[^'"]*)\.js(['"])\)/g, 'Promise.resolve().then(() => require($1$2))'),
});

module.exports = {
  ...swc,
  process: (...args) => toNode(swc.process(...args)),
  processAsync: async (...args) => toNode(await swc.processAsync(...args)),
};
