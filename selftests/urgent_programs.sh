#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# This script lets Python programs, through ttp_run, send each other urgent bytes amid much other data, over a link
# that cuts big segments, merges small ones and loses some: each mark is where it was set, and no byte is missing.
. "$(dirname "$0")/lib.sh"

DEADLINE=120		# interpreters start slowly where the machine is emulated
case $TTP_FAMILY in ttp) RUN=ttp_run ;; *) RUN= ;; esac

SERVER='
import fcntl, hashlib, select, socket, struct, sys, termios
SIOCATMARK = 0x8905
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.create_server((sys.argv[1], 7604), family=family)
peer, _ = listener.accept()
peer.settimeout(100)

def at_mark():
    return struct.unpack("i", fcntl.ioctl(peer, SIOCATMARK, b"\0" * 4))[0]

for n in range(40):
    watch = select.poll()
    watch.register(peer, select.POLLPRI)
    assert watch.poll(100000), "no urgent data announced"
    urgent = peer.recv(1, socket.MSG_OOB)
    assert urgent == bytes([n]), urgent
    before = b""
    while not at_mark():
        before += peer.recv(100000)
    after = b""
    while len(after) < 1000:
        after += peer.recv(1000 - len(after))
    peer.sendall(struct.pack("!I", len(before)) + hashlib.sha256(before + after).digest())
'
CLIENT='
import hashlib, os, random, socket, struct, sys
random.seed(int(sys.argv[2]))
with socket.create_connection((sys.argv[1], 7604), timeout=100) as peer:
    for n in range(40):
        before = os.urandom(random.choice((0, 1, 1447, 1448, 1449, 20000, 64000)))
        after = os.urandom(1000)
        peer.sendall(before)
        peer.send(bytes([n]), socket.MSG_OOB)
        peer.sendall(after)
        got = b""
        while len(got) < 36:
            got += peer.recv(36 - len(got))
        assert struct.unpack("!I", got[:4])[0] == len(before), (n, len(before), got[:4])
        assert got[4:] == hashlib.sha256(before + after).digest(), n
'

offloads()
{
	ip netns exec "$A" ethtool -K ttpA tx on tso off gso on >/dev/null 2>&1
	ip netns exec "$B" ethtool -K ttpB gro on >/dev/null 2>&1
	:
}

python_urgent()
{
	local addr=$B4
	[ "$1" != 6 ] || addr=$B6
	command -v python3 >/dev/null || missing "python3 is not installed"
	offloads
	netem delay 2ms loss 1% limit 10000 || missing "no netem here"
	nsenter --net="/run/netns/$B" $RUN python3 -c "$SERVER" "$addr" &
	until_state "$B" LISTEN 7604
	in_a timeout 200 $RUN python3 -c "$CLIENT" "$addr" "${SEED:-1}" || fail "the client failed"
	wait $! || fail "the server failed"
	netem
}

all() { t python_urgent_v$1 python_urgent "$1"; }

# Starting programs is what takes the time: minutes on the debug kernel.
[ "${TTP_KERNEL:-}" != debug ] || VERSIONS=6
both_ip all
finish
