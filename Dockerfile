# sis in a container, built from a clone:
#   docker build --tag sis .
#   docker run --rm --volume "$PWD:/data" sis demo        # writes ./sis-demo
FROM node:24-slim AS build
WORKDIR /sis
COPY package.json package-lock.json ./
# No script of a dependency is needed; ONNX Runtime's would download CUDA.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts && node install/prune.js

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /sis
COPY --from=build /sis/package.json /sis/LICENSE ./
COPY --from=build /sis/bin bin
COPY --from=build /sis/data data
COPY --from=build /sis/dist dist
COPY --from=build /sis/pipelines pipelines
COPY --from=build /sis/node_modules node_modules
RUN ln -s /sis/bin/sis.js /usr/local/bin/sis
USER node
WORKDIR /data
ENTRYPOINT ["sis"]
