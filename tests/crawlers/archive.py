"""A web archive as archives write it, made with warcio's own writer; and articles of the field and of others to put in it."""

import io
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

SEEN = "2023-11-20T06:30:00Z"
CHIP = (
    "Foundry adds packaging lines for AI accelerators",
    (
        "TSMC will double its CoWoS capacity next year, because NVIDIA and AMD take every wafer that it can "
        "package. The foundry told suppliers to deliver tools earlier than planned. Memory makers expect the "
        "same for HBM3E, which sits beside each accelerator."
    ),
)
CHIP_ZH = (
    "先进封装产能明年翻倍",
    (
        "台积电计划明年将CoWoS产能提高一倍，以满足英伟达和AMD的订单。供应链人士说，设备厂商已接到提前交货的通"
        "知。存储厂商也在扩大HBM3E产能，因为每颗AI芯片都需要它。"
    ),
)
PARK = (
    "The park opens its new path",
    (
        "Walkers can now reach the lake from the north without crossing the road. The council paid for "
        "benches and trees, and a local school painted the signs. A second path is planned for the spring, "
        "when the ground is dry enough to work on."
    ),
)
PHONE = (
    "A smartphone that lasts for two days",
    (
        "The smartphone has a Qualcomm processor, made on a 4 nm process, and 16 GB of memory for the GPU "
        "and the CPU. Its OLED display has a refresh rate of 120 Hz and the camera 50 megapixels. The "
        "battery holds 6,000 mAh; fast charging takes half an hour."
    ),
)


def page(title: str, text: str, charset: str = "utf-8") -> bytes:
    return (
        f"<html><head><meta charset={charset}><title>{title}</title><script>var chips = 'GPU GPU GPU';</script></head>"
        f"<body><ul><li><a href=/>Home</a></li></ul><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    ).encode(charset)


class Archive:
    """Collects records; `save` writes them."""

    def __init__(self, *, packed: bool = True) -> None:
        self._buffer = io.BytesIO()
        self._packed = packed
        self._writer = WARCWriter(self._buffer, gzip=packed)
        self.ends: list[int] = []

    def add(
        self,
        url: str,
        body: bytes,
        *,
        status: str = "200 OK",
        media_type: str | None = "text/html; charset=utf-8",
        kind: str = "response",
        **headers: str,
    ) -> "Archive":
        given = [(name.replace("_", "-"), value) for name, value in headers.items()]
        if media_type is not None:
            given.append(("Content-Type", media_type))
        http = StatusAndHeaders("GET / HTTP/1.1" if kind == "request" else status, given, protocol="HTTP/1.1")
        # With a length given, warcio makes no temporary file, which it would not close.
        record = self._writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), length=len(body), http_headers=http, warc_headers_dict={"WARC-Date": SEEN}
        )
        self._writer.write_record(record)
        self.ends.append(self._buffer.tell())
        return self

    @property
    def data(self) -> bytes:
        return self._buffer.getvalue()

    def save(self, folder: Path) -> Path:
        path = folder / ("news.warc.gz" if self._packed else "news.warc")
        path.write_bytes(self.data)
        return path
