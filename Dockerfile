# One image for every process of the portal; docker-compose.yml says which process gets which key.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/base.txt /build/base.txt
RUN python -m venv /opt/portal && /opt/portal/bin/pip install --quiet --require-hashes -r /build/base.txt

FROM python:3.11-slim-bookworm
# One user for each kind of process, with numbers that the owners of the mounted secrets can be set to.
RUN groupadd --gid 10000 portal \
    && add() { useradd --uid "$1" --gid portal --no-create-home --shell /usr/sbin/nologin "$2"; } \
    && add 10001 portal-web && add 10002 portal-signing && add 10003 portal-status && add 10004 portal-mail
COPY --from=build /opt/portal /opt/portal
COPY --chown=root:portal . /srv/portal
RUN mkdir -p /srv/portal/var/static
ENV PATH=/opt/portal/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/portal
USER portal-web
