#!/bin/sh
# Makes the certificates of this example in its folder: an authority, and what it signs.
#   ./make-certificates.sh             all of them
#   ./make-certificates.sh shop        one of them anew: the proxy takes it while it runs
set -eu
cd "$(dirname "$0")"

# A certificate for a name: its subject alternative names, and what it is for.
sign() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$1.key.new" -out "$1.csr" -subj "/O=Shop/CN=$1" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=%s\nbasicConstraints=CA:FALSE\n' "$2" "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
    -out "$1.pem.new" -extfile "$1.ext" 2>/dev/null
  # Renamed when they are whole, so that nobody reads half of one.
  mv "$1.key.new" "$1.key"
  mv "$1.pem.new" "$1.pem"
  rm "$1.csr" "$1.ext"
}

make() {
  case $1 in
    shop) sign shop DNS:shop.test serverAuth ;;
    backend) sign backend DNS:backend.test,URI:spiffe://shop.test/backend serverAuth ;;
    front) sign front URI:spiffe://shop.test/front clientAuth ;;
    customer) sign customer URI:spiffe://customers.test/jane clientAuth ;;
    *) echo "no certificate is called $1" >&2; exit 1 ;;
  esac
}

if [ $# -eq 0 ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout ca.key -out ca.pem -days 30 -subj "/CN=Shop CA" 2>/dev/null
  set -- shop backend front customer
fi
for name in "$@"; do make "$name"; done
