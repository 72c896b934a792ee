# SPDX-License-Identifier: GPL-2.0
# This file holds the few shell functions that all scripts under tools/ share.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${TTP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ttp}
PROG=${0##*/}

say()  { echo "$PROG: $*" >&2; }
die()  { say "$*"; exit 1; }

# locked FILE COMMAND...: one caller at a time; the others wait for it.
locked()
{
	local lock=$1
	shift
	mkdir -p "$(dirname "$lock")"
	( flock 9; "$@" ) 9>"$lock"
}

# hash_of STRING|FILE...: one short name for the contents of all arguments.
hash_of()
{
	local x
	for x in "$@"; do
		if [ -f "$x" ]; then cat "$x"; else echo "$x"; fi
	done | sha256sum | cut -c1-16
}

# unpack_kernel BZIMAGE OUT: the ELF kernel inside a bzImage. Emulated CPUs
# need up to ten seconds to unpack it themselves; booting the ELF file (PVH
# entry) saves that. Offsets as in the x86 boot protocol.
unpack_kernel()
{
	/usr/bin/python3 - "$1" "$2" <<'PY'
import struct, subprocess, sys
image = open(sys.argv[1], "rb").read()
start = (image[0x1f1] + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
size = struct.unpack_from("<I", image, 0x24c)[0]
payload = image[start:start + size - 4]		# the last word is the unpacked size
for magic, tool in ((b"\xfd7zXZ", ["xz", "-dc", "--single-stream"]),
                    (b"\x28\xb5\x2f\xfd", ["zstd", "-dc", "-q"]),
                    (b"\x1f\x8b", ["gzip", "-dc"])):
    if payload.startswith(magic):
        elf = subprocess.run(tool, input=payload, stdout=subprocess.PIPE).stdout
        break
else:
    sys.exit("unknown kernel compression")
if not elf.startswith(b"\x7fELF"):
    sys.exit("no ELF kernel inside")
open(sys.argv[2], "wb").write(elf)
PY
}
