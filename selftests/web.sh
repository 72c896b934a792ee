# SPDX-License-Identifier: GPL-2.0
# This file holds what the selftests with a web server share: nginx in a host,
# curl in another, files there and back.

# listens HOST ttp|tcp PORT: somebody does.
listens()
{
	local port
	printf -v port ':%04X' "$3"
	awk -v port="$port\$" '$4 == "0A" && $2 ~ port { n++ } END { exit !n }' \
		"/proc/${KEEPER[$1]}/net/$2" "/proc/${KEEPER[$1]}/net/${2}6"
}

# serve HOST ttp|tcp IP: nginx, with the pages in $WEB.
serve()
{
	local run=
	WEB=$TMP/web-$2-$3
	[ "$2" = tcp ] || run=ttp_run
	mkdir -p "$WEB/www/up" "$WEB/body"
	chmod 755 "$TMP" "$WEB" "$WEB/www"
	chown www-data "$WEB/www/up" "$WEB/body"
	head -c "${MB}M" /dev/urandom >"$WEB/www/file"
	echo "a page" >"$WEB/www/page"
	cat >"$WEB/conf" <<-END
		daemon off;
		user www-data;
		pid $WEB/pid;
		error_log stderr warn;
		events { }
		http {
			access_log off;
			sendfile on;
			client_body_temp_path $WEB/body;
			client_max_body_size 0;
			server {
				listen 80;
				listen [::]:80;
				root $WEB/www;
				location /up/ { dav_methods PUT; }
			}
		}
	END
	in_host "$1" $run nginx -c "$WEB/conf" -e stderr >"$WEB/log" 2>&1 &
	NGINX=$!
	until_true listens "$1" "$2" 80 || fail "nginx does not listen: $(cat "$WEB/log")"
}

no_longer_serve() { kill $NGINX; wait $NGINX; }

url_of() { if [ "$2" = 6 ]; then echo "http://[$1]"; else echo "http://$1"; fi; }

# fetch HOST URL COMMAND...: down and up again, and compare.
fetch()
{
	local host=$1 url=$2
	shift 2
	in_host "$host" "$@" curl -sS -f -g --max-time 240 -o "$WEB/copy" "$url/file" || fail "no download: $(cat "$WEB/log")"
	[ "$(sha256sum <"$WEB/www/file")" = "$(sha256sum <"$WEB/copy")" ] || fail "the download differs"
	in_host "$host" "$@" curl -sS -f -g --max-time 240 -T "$WEB/copy" "$url/up/file" || fail "no upload: $(cat "$WEB/log")"
	[ "$(sha256sum <"$WEB/www/up/file")" = "$(sha256sum <"$WEB/copy")" ] || fail "the upload differs"
}
