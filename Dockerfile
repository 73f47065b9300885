# Only the service: it needs a Postgres (DATABASE_URL) and secrets; docker-compose.yml provides both.

# Pinned, so that the same source always gives the same image. docs/operations.md describes how to renew it.
ARG NODE_IMAGE=node:24.21.0-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY server/package.json server/
COPY client/package.json client/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json codegen.ts schema.graphql ./
COPY scripts/build-if-stale.mjs scripts/
COPY examples/clients examples/clients
COPY server server
COPY client client
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY server/package.json server/
COPY client/package.json client/
# The optional dependencies are the embedded Postgres and accelerators that are not needed here.
RUN npm ci --workspace server --omit dev --omit optional --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /app/server/dist server/dist
COPY --from=build /app/client/dist/app client/dist/app
COPY schema.graphql ./
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "server/dist/main.js"]
