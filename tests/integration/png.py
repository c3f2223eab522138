"""What a PNG picture shows: its size, its pixels, its description.

As a program, `png.py FILE COLOUR` ends with status 0 if the picture has a line of that
colour, which is at least a hundred of its pixels.
"""

import functools
import struct
import sys
import zlib


class Picture:
    """Colours are lines of hexadecimal digits: ff0000 is red."""

    def __init__(self, data):
        assert data[:8] == b"\x89PNG\r\n\x1a\n", f"no PNG: {data[:60]!r}"
        chunks = list(self.chunks(data))
        assert [chunks[0][0], chunks[-1][0]] == [b"IHDR", b"IEND"], chunks
        self.width, self.height, *kind = struct.unpack(">IIBBBBB", chunks[0][1])
        # 8 bits each of red, green and blue, perhaps with transparency; not interlaced.
        assert kind in ([8, 2, 0, 0, 0], [8, 6, 0, 0, 0]), kind
        self.bytes_per_pixel = {2: 3, 6: 4}[kind[1]]
        self.packed = b"".join(d for kind, d in chunks if kind == b"IDAT")
        texts = [d for kind, d in chunks if kind == b"iTXt"]
        self.description = texts[0].split(b"\0", 5)[5].decode() if texts else ""

    @staticmethod
    def chunks(data):
        at = 8
        while at < len(data):
            (size,) = struct.unpack_from(">I", data, at)
            kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
            (check,) = struct.unpack_from(">I", data, at + 8 + size)
            assert check == zlib.crc32(kind + content), f"damaged: {kind}"
            yield kind, content
            at += 12 + size

    @functools.cached_property
    def lines(self):
        data = zlib.decompress(self.packed)
        size, pixel = self.width * self.bytes_per_pixel, self.bytes_per_pixel
        assert len(data) == self.height * (1 + size), len(data)
        lines, above = [], bytes(pixel + size)
        for at in range(0, len(data), size + 1):
            # A pixel of zeros is in front of each line.
            line = bytearray(pixel) + data[at + 1 : at + 1 + size]
            unfilter(data[at], line, above, pixel)
            lines.append(bytes(line[pixel:]))
            above = line
        return lines

    def columns_of(self, colour, left=0, top=0, bottom=None):
        """The columns, from `left`, in which a pixel of these lines has this colour."""
        found = set()
        wanted, pixel = bytes.fromhex(colour), self.bytes_per_pixel
        for line in self.lines[top:bottom]:
            at = line.find(wanted)
            while at >= 0:
                if at % pixel == 0 and at // pixel >= left:
                    found.add(at // pixel)
                at = line.find(wanted, at + 1)
        return sorted(found)


def paeth(a, b, c):
    return min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]


def unfilter(kind, line, above, pixel):
    """Makes bytes of what a line holds in their stead: how they differ from others."""
    for i in range(pixel, len(line)) if kind else ():
        a, b, c = line[i - pixel], above[i], above[i - pixel]
        if kind == 1:
            guess = a
        elif kind == 2:
            guess = b
        elif kind == 3:
            guess = (a + b) // 2
        else:
            guess = paeth(a, b, c)
        line[i] = (line[i] + guess) & 255


if __name__ == "__main__":
    path, colour = sys.argv[1:]
    with open(path, "rb") as f:
        sys.exit(0 if len(Picture(f.read()).columns_of(colour)) >= 100 else 1)
