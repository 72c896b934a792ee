# SPDX-License-Identifier: GPL-2.0
# This file holds what fetching packages of other Debian suites takes: an apt that leaves the host's own alone.

# suites_of RELEASE: where there are kernels of it, best first.
suites_of()
{
	case $1 in
	6.1)	echo bookworm ;;
	6.12)	echo bookworm-backports ;;
	7)	echo sid forky trixie-backports ;;
	esac
}

# The mirrors that the host's own apt uses: "archive" and "security".
mirror()
{
	local found
	found=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' |
		awk -v want="$1" '$1 == want { print $2; exit }')
	case $found,$1 in
	,bookworm)	echo http://deb.debian.org/debian ;;
	,*)		echo http://deb.debian.org/debian-security ;;
	*)		echo "$found" ;;
	esac
}

# private_apt DIR SUITE: from here on apt has configuration, state and cache of its own in DIR, and sees one suite.
# Of the host's configuration only how to fetch (proxies and the like) is kept.
private_apt()
{
	local apt=$1 suite=$2
	[ "${APT_CONFIG:-}" != "$apt/apt.conf" ] || unset APT_CONFIG
	rm -rf "$apt"
	mkdir -p "$apt"/{etc/apt.conf.d,etc/preferences.d,state/lists/partial,cache/archives/partial}
	: >"$apt/state/status"
	echo "deb $(mirror bookworm) $suite main" >"$apt/etc/sources.list"
	if [ "$suite" = bookworm ]; then
		echo "deb $(mirror bookworm-security) bookworm-security main" >>"$apt/etc/sources.list"
	fi
	apt-config dump | grep '^Acquire::' >"$apt/apt.conf"
	cat >>"$apt/apt.conf" <<-EOC
	Dir::Etc "$apt/etc";
	Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";
	Dir::Etc::netrc "/etc/apt/auth.conf";
	Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
	Dir::State "$apt/state";
	Dir::State::status "$apt/state/status";
	Dir::Cache "$apt/cache";
	APT::Architecture "amd64";
	APT::Sandbox::User "";
	EOC
	export APT_CONFIG=$apt/apt.conf
	apt-get -q update >"$apt/log" 2>&1 || { cat "$apt/log" >&2; return 1; }
}

# Whether the suite has each of the packages: headers may be there days before the signed image.
has_packages()
{
	local p
	for p in "$@"; do
		apt-cache show "$p" 2>/dev/null | grep -q '^Filename:' || return 1
	done
}
