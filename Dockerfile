# One image for every process of the desk; docker-compose.yml says which one a container runs.
FROM python:3.11-slim-bookworm

# The root file system may be read-only: all that the desk writes is in /data, and scratch in /tmp.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BIND=0.0.0.0 \
    DATA_DIR=/data

WORKDIR /desk
RUN groupadd --gid 10001 desk \
    && useradd --uid 10001 --gid desk --no-create-home --shell /usr/sbin/nologin desk \
    && install --directory --owner desk --group desk --mode 700 /data

# Wheels only: nothing is built here, so there is nothing to build with and nothing to remove
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.txt

COPY . .
RUN python -m compileall -q .

USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["python", "-m", "legitsms_site"]
