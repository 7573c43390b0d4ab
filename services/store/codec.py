"""How Python values are written to MongoDB: Decimal as Decimal128, instants as UTC."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

from bson.codec_options import CodecOptions, TypeCodec, TypeRegistry
from bson.decimal128 import Decimal128, create_decimal128_context


class _DecimalCodec(TypeCodec):
    python_type = Decimal
    bson_type = Decimal128

    def transform_python(self, value: Decimal) -> Decimal128:
        return Decimal128(create_decimal128_context().create_decimal(value))

    def transform_bson(self, value: Decimal128) -> Decimal:
        return value.to_decimal()


CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    type_registry=TypeRegistry([_DecimalCodec()]), tz_aware=True, tzinfo=UTC
)
