# The product in a container: `docker build -t ortoo:0.1.0 .`; with `--target operate` also what backups need.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/ortoo
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY services services
COPY shared shared
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && pip --python /opt/ortoo/bin/python install --no-cache-dir --only-binary :all: --constraint constraints.txt /wheels/ortoo-*.whl

FROM python:3.11.14-slim-bookworm AS serve
# Papers are set in a font that has Chinese; without it everything but papers works.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN pip uninstall --yes --root-user-action ignore setuptools wheel pip \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin ortoo \
    && install --directory --owner ortoo --mode 700 /data /root-key /backups
COPY --from=build /opt/ortoo /opt/ortoo
ENV PATH=/opt/ortoo/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ORTOO_HOST=0.0.0.0 ORTOO_PORT=8000 ORTOO_DATA=/data ORTOO_ROOT_KEY=/root-key/root.key
USER ortoo
WORKDIR /data
VOLUME /data /root-key
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s --start-interval=1s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"ORTOO_PORT\"]}/health/ready', timeout=4)"]
ENTRYPOINT ["ortoo"]
CMD ["serve"]

# For the operator's commands: `ortoo backup` calls pg_dump, which must not be older than the server.
FROM serve AS operate
USER root
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
USER ortoo
HEALTHCHECK NONE
CMD ["doctor"]

FROM serve
