# docker build -t minnow .                  the shop, for production
# docker build -t minnow-demo --target demo .   the shop with its demo data and a stand-in for WeChat; see compose.yaml

FROM node:24.21.0-slim AS manifest
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Before `npm ci`, because a `file:` dependency may live here.
COPY tools tools

FROM manifest AS build
RUN npm ci
COPY .swcrc ./
COPY src src
RUN npm run build

# Without optional dependencies: they are the Node binaries for machines that lack one, and native speed-ups.
FROM manifest AS dependencies
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24.21.0-slim AS shop
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY config/*.yaml config/
COPY public public
COPY docs/openapi.json docs/openapi.json
# By number, so that Kubernetes can see that it is not root. Writes nothing: the root file system may be read-only.
USER 1000:1000
# The public port; HTTP_H2C_PORT, if set, is another one.
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "const { PORT: port = 3000, HTTP_TLS_CERT, HTTP_TLS_CERT_FILE } = process.env; require(HTTP_TLS_CERT || HTTP_TLS_CERT_FILE ? 'https' : 'http').get({ host: '127.0.0.1', port, path: '/livez', rejectUnauthorized: false }, answer => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
# Migrations: node dist/platform/database/migrate.js. Workers: node dist/worker.js, without this health check.
CMD ["node", "dist/main.js"]

FROM shop AS demo
USER 0:0
COPY tools tools
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
ENV NODE_ENV=development MINNOW_DATA_DIR=/data
VOLUME /data
CMD ["node", "tools/start.js"]

# The last stage is what `docker build .` makes.
FROM shop
