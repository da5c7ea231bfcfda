# Pannier's image: the bundle of `npm run build` and nothing else of this repository, on the official Node image.
#   docker build -t pannier .                                         for this machine
#   docker buildx build --platform linux/amd64,linux/arm64 .          for both; no emulation is needed
# Run it with a read-only root file system, as any user: it writes to /var/lib/pannier alone.

# The current LTS line; give it in full (24.21.0) for a build that can be repeated to the byte.
ARG NODE_VERSION=24
# What it runs on: anything with a glibc and that Node, also a distroless one. No shell is used.
ARG RUNTIME=node:${NODE_VERSION}-bookworm-slim

# The bundle is the same for every architecture, and holds the LevelDB addon of each: it is built on the builder's own.
FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No dependency needs its install script, so none gets to run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY .ci/build.js .ci/sbom.js .ci/
COPY config config
COPY outputs outputs
COPY src src
RUN node .ci/build.js
# Writable for any user, as an emptyDir is: nobody else is in the container, and `--user` may name whomever it likes. As a folder in a folder, because
# builders differ in the mode they give to the target of a COPY.
RUN mkdir -p /image/var/lib/pannier && chmod 0777 /image/var/lib/pannier

FROM ${RUNTIME}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Pannier" \
      org.opencontainers.image.description="Log-shipping sidecar agent: tails the log files of a pod and delivers every line, once, to Elasticsearch, CloudWatch Logs and others." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
COPY LICENSE /app/
COPY --from=build /build/dist /app
# The last folder is where distroless images have Node. One arena instead of one for each thread: 8 MB less at the peak, at the same speed.
# The threshold is glibc's own first one; to name it keeps it from rising with what is freed, so that free memory goes back to the system: 2 MB less.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=131072
# By number, so that Kubernetes can tell that it is not root.
USER 10001:10001
VOLUME ["/var/lib/pannier"]
EXPOSE 9600
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/app/pannier.js", "health"]
# V8's heap follows the memory limit of the container, cgroup v1 or v2: why so much is said in src/heap-limit.ts. Its collector is shown to the program
# for src/start-garbage.ts.
ENTRYPOINT ["node", "--max-semi-space-size=2", "--max-old-space-size-percentage=35", "--expose-gc", "/app/pannier.js"]
CMD ["run"]
