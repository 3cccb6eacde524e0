# The server in a container: docker build -t chatai . && docker run -p 8000:8000 -e API_KEYS=… -v chatai:/data chatai

FROM denoland/deno:2.9.6 AS build
WORKDIR /app
ENV DENO_DIR=/deno-dir
COPY deno.json deno.lock ./
COPY src/std src/std
RUN deno install --frozen
COPY . .
RUN deno task models && deno task web
# What only tests and the steps above need stays behind, and so do maps of sources and ONNX Runtime for browsers.
RUN deno remove @openai/agents-realtime @seriousme/openapi-schema-validator fast-check \
    openai-realtime-api pacote playwright-core ws yaml
ENV DENO_DIR=/run-dir
RUN deno cache --frozen main.ts $(find src -name '*worker.ts' -not -path 'src/web/*') \
    && find /run-dir/npm \( -name '*.map' -o -name 'ort-wasm-simd-threaded.*.wasm' \) -delete

FROM denoland/deno:2.9.6
WORKDIR /app
COPY --from=build /run-dir /deno-dir
COPY --from=build /app/deno.json /app/deno.lock /app/main.ts ./
COPY --from=build /app/models models
COPY --from=build /app/src src
RUN mkdir /data && chown deno:deno /data
USER deno
VOLUME /data
EXPOSE 8000
# Without API_KEYS (or AUTH=none) the server says so, and exits.
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 \
    HOST=0.0.0.0 PORT=8000 KV_PATH=/data/chatai.kv LOG_FORMAT=json
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s \
    CMD ["deno", "eval", "--no-config", "--unsafely-ignore-certificate-errors=127.0.0.1", "const s = Deno.env.get('TLS_CERT') ? 's' : ''; const { ok } = await fetch(`http${s}://127.0.0.1:${Deno.env.get('PORT')}/health`); Deno.exit(ok ? 0 : 1)"]
CMD ["deno", "task", "--quiet", "serve"]
