# What runs everywhere: web server, worker, and every command of manage.py. See docs/operations.md, "In containers".
# BASE is any Debian with Python 3.11 to 3.14; the secret `ca` is for a network whose proxy has a certificate of its own.
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS base
# hadolint ignore=DL3008
RUN command -v tini || { apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*; }

FROM base AS packages
COPY requirements/production.txt /tmp/
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python3 -m venv /opt/venv && \
    /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r /tmp/production.txt

# The local Snowflake's, where sandbox/snowflake/client.py looks for it.
FROM base AS demo-packages
COPY requirements/snowflake.txt /tmp/
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python3 -m venv /app/.venv-snowflake && \
    /app/.venv-snowflake/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r /tmp/snowflake.txt

FROM base AS product
# /spool holds results on their way: a tmpfs or a volume, where the root is read-only.
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SYNC_SPOOL_DIRECTORY=/spool
RUN install -d -o 10001 -g 10001 -m 0700 /spool
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py LICENSE deploy/container/live.py ./
COPY accounts accounts
COPY config config
COPY migrations_sql migrations_sql
COPY sync sync
COPY templates templates
RUN python -m compileall -q .
USER 10001:10001
EXPOSE 8000
# A worker answers for what it holds within 40 seconds after SIGTERM, a web server within 30: stop with a longer grace.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "live.py"]
ENTRYPOINT ["tini", "--", "python", "manage.py"]
CMD ["run_sync_web", "--listen", "0.0.0.0:8000"]

FROM product AS demo
COPY --from=demo-packages /app/.venv-snowflake .venv-snowflake
COPY sandbox sandbox
CMD ["demo", "--host", "0.0.0.0"]

# What a build without --target gives.
FROM product
